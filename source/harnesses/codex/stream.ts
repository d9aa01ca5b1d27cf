import type {Reading} from '../../core/session/reading.ts';
import type {Notice, StreamLine} from '../shared/cli.ts';
import {type Fields, failed, fieldsOf, parseLine, textOf} from './errors.ts';
import {usageOf} from './transcript.ts';

const NOTHING: StreamLine = {readings: [], text: ''};
const OUTPUT_LINES = 10;

const sign = (what: string): Pick<Reading, 'source' | 'sign'> => ({source: 'stream', sign: `event ${what}`});

/** Strips the shell from `/bin/bash -lc "npm test"`. */
const bare = (command: string): string => {
	const [, quote = '', inner = ''] = /^\S*\/(?:ba|z|da)?sh -l?c (["']?)([\s\S]*)\1$/.exec(command) ?? [];
	const asked = inner === '' ? command : quote === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner;
	return asked.split('\n')[0] ?? '';
};

const tail = (output: string): string => {
	const lines = output.trimEnd().split('\n');
	const shown = lines.slice(-OUTPUT_LINES).map(line => `  ${line}`);
	return lines.length > OUTPUT_LINES ? [`  … ${lines.length - OUTPUT_LINES} lines`, ...shown].join('\n') : shown.join('\n');
};

const files = (changes: unknown): string =>
	(Array.isArray(changes) ? changes : [])
		.map(fieldsOf)
		.map(({kind, path}) => `${textOf(kind, 20) || 'change'} ${textOf(path, 500)}`)
		.join('\n');

const isAnswer = (text: string): boolean => text.startsWith('{') && Object.keys(parseLine(text)).length > 0;

const itemLine = (item: Fields, isDone: boolean): StreamLine => {
	const command = bare(textOf(item.command, 2000));
	switch (item.type) {
		case 'agent_message': {
			const text = textOf(item.text);
			if (!isDone || text === '') return NOTHING;
			return {readings: [{...sign('agent_message'), said: text, ...(isAnswer(text) ? {answer: text} : {})}], text};
		}
		case 'command_execution': {
			if (!isDone) return {readings: [{...sign('command_execution'), state: 'working', doing: `$ ${command}`}], text: `$ ${command}`};
			const output = tail(textOf(item.aggregated_output, 200_000));
			const code = typeof item.exit_code === 'number' ? item.exit_code : 0;
			const end = code === 0 ? '' : `  exit ${code}`;
			return {readings: [], text: [output.trim() === '' ? '' : output, end].filter(part => part !== '').join('\n')};
		}
		case 'file_change':
			return isDone ? {readings: [{...sign('file_change'), state: 'working'}], text: files(item.changes)} : NOTHING;
		case 'mcp_tool_call': {
			const tool = `${textOf(item.tool, 200)} of ${textOf(item.server, 200)}`;
			return isDone ? NOTHING : {readings: [{...sign('mcp_tool_call'), state: 'working', doing: tool}], text: tool};
		}
		case 'error':
			return isDone ? {readings: [], text: textOf(item.message, 2000)} : NOTHING;
		default:
			return NOTHING;
	}
};

/** Reads a line of `codex exec --json`. Usage is the session's total. */
export const readLine = (line: string, now?: Date): StreamLine => {
	const event = parseLine(line);
	switch (event.type) {
		case 'thread.started': {
			const session = textOf(event.thread_id, 200);
			return {readings: session === '' ? [] : [{...sign('thread.started'), session}], text: ''};
		}
		case 'turn.started':
			return {readings: [{...sign('turn.started'), state: 'working', isPromptTaken: true}], text: ''};
		case 'item.started':
			return itemLine(fieldsOf(event.item), false);
		case 'item.completed':
			return itemLine(fieldsOf(event.item), true);
		case 'turn.completed': {
			const usage = usageOf(event.usage);
			const text = usage ? `${usage.tokensIn} tokens in, ${usage.tokensOut} out` : '';
			return {readings: [{...sign('turn.completed'), state: 'idle', doing: '', ...(usage ? {usage} : {})}], text};
		}
		case 'turn.failed': {
			const message = textOf(fieldsOf(event.error).message, 2000);
			return {readings: [failed('event turn.failed', message, now)], text: message};
		}
		case 'error': {
			// Codex retries by itself; once it gives up, the turn fails.
			const doing = textOf(event.message, 2000);
			return /^Reconnecting/.test(doing) ? {readings: [{...sign('error'), state: 'working', doing}], text: doing} : NOTHING;
		}
		default:
			return NOTHING;
	}
};

/**
 * While working the title starts with a spinner; while asking it blinks `[ ! ] Action Required`. A plain title and OSC 9, which holds agent
 * output, prove nothing.
 */
export const readNotice = ({kind, text}: Notice): Reading | undefined => {
	if (kind !== 'title') return undefined;
	if (/^\[ [!.] \] Action Required\b/.test(text)) return {source: 'notice', sign: 'title Action Required', state: 'needs-input'};
	if (/^[\u2801-\u28ff] /.test(text)) return {source: 'notice', sign: 'title spinner', state: 'working'};
	return undefined;
};
