import type {Usage} from '../../core/cost/usage.ts';
import type {Question, Reading} from '../../core/session/reading.ts';
import {INTERRUPTED} from '../../core/session/session.ts';
import type {HookDecision} from '../shared/cli.ts';
import {fieldsOf, textOf} from './errors.ts';

export type Tool = {readonly name: string; readonly input: unknown};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

const patched = (patch: string): readonly string[] =>
	[...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, file = '']) => file.trim());

const filesOf = (patch: string): string => {
	const files = patched(patch);
	return files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more` : files.join(', ');
};

const mcpName = (name: string): string => {
	const [, server = '', tool = ''] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
	return tool === '' ? name : `${tool} of ${server}`;
};

const doingOf = ({name, input}: Tool): string => {
	const command = textOf(fieldsOf(input).command);
	if (name === 'Bash' && command !== '') return `$ ${firstLine(command)}`;
	if (name === 'apply_patch') return `edits ${filesOf(command) || 'files'}`;
	return mcpName(name);
};

const pretty = (input: unknown): string => {
	try {
		return JSON.stringify(input, undefined, 2)?.slice(0, 20_000) ?? '';
	} catch {
		return '';
	}
};

/** The question of a permission hook. Codex's hooks only take allow or deny; `always` exists in its pane alone. */
const permissionOf = ({name, input}: Tool): Question => {
	const fields = fieldsOf(input);
	const command = textOf(fields.command);
	const reason = firstLine(textOf(fields.description));
	const [what, detail] =
		name === 'Bash'
			? ['run this command', command]
			: name === 'apply_patch'
				? [`edit ${filesOf(command) || 'files'}`, command]
				: [`use ${mcpName(name) || 'a tool'}`, pretty(input)];
	return {
		kind: 'permission',
		text: reason === '' ? `May it ${what}?` : `May it ${what}? ${reason}`,
		detail,
		choices: [
			{label: 'Yes, this once', means: 'allow'},
			{label: 'No', means: 'deny'},
		],
	};
};

const sign = (event: string): Pick<Reading, 'source' | 'sign'> => ({source: 'hook', sign: `hook ${event}`});

/** Reading of the event itself; undefined if unknown. */
const said = (event: string, payload: unknown): Omit<Reading, 'source' | 'sign'> | undefined => {
	const fields = fieldsOf(payload);
	const tool = {name: textOf(fields.tool_name, 200), input: fields.tool_input};
	switch (event) {
		case 'SessionStart':
			return {};
		case 'UserPromptSubmit':
			return {state: 'working', isPromptTaken: true};
		case 'PreToolUse':
			return {state: 'working', doing: doingOf(tool)};
		case 'PostToolUse':
			return {state: 'working'};
		case 'PermissionRequest':
			return {state: 'needs-input', question: permissionOf(tool)};
		case 'Stop': {
			const last = textOf(fields.last_assistant_message);
			return {state: 'idle', doing: '', ...(last === '' ? {} : {said: last})};
		}
		case 'Interrupt':
			return {state: 'idle', doing: '', reason: INTERRUPTED, cutOff: 'human'};
		case 'SessionEnd':
			return {doing: ''};
		default:
			return undefined;
	}
};

/** Hooks name the model, the session file counts: later counts are of this model. */
const NOTHING_USED: Usage = {micros: 0, tokensIn: 0, tokensOut: 0, isTotal: false};

/**
 * Reads a Codex hook. A turn that fails has no hook; the session file reports it. Subagents use the same hooks: they report activity, but
 * neither the session nor the turn's end.
 */
export const readHook = (event: string, payload: unknown): readonly Reading[] => {
	const fields = fieldsOf(payload);
	const isOwn = textOf(fields.agent_id) === '';
	if (!isOwn && (event === 'Stop' || event === 'UserPromptSubmit')) return [];
	const reading = said(event, payload);
	if (!reading) return [];
	const session = textOf(fields.session_id, 200);
	const transcript = textOf(fields.transcript_path, 4096);
	const model = textOf(fields.model, 200);
	return [
		{
			...sign(event),
			...(isOwn && session !== '' ? {session} : {}),
			...(isOwn && transcript !== '' ? {transcript} : {}),
			...(event === 'UserPromptSubmit' && model !== '' ? {usage: {...NOTHING_USED, model}} : {}),
			...reading,
		},
	];
};

/** Returns what a hook prints for a decision. Codex rejects a permission hook that says anything but allow or deny. */
export const replyHook = (event: string, decision: HookDecision): string => {
	const permission = (behavior: object): string =>
		JSON.stringify({hookSpecificOutput: {hookEventName: 'PermissionRequest', decision: behavior}});
	if (event === 'PermissionRequest' && decision.kind === 'allow') return permission({behavior: 'allow'});
	if (decision.kind === 'go-on') return event === 'Stop' ? JSON.stringify({decision: 'block', reason: decision.text}) : '';
	if (decision.kind === 'tell' && (event === 'PostToolUse' || event === 'UserPromptSubmit'))
		return JSON.stringify({hookSpecificOutput: {hookEventName: event, additionalContext: decision.text}});
	if (decision.kind !== 'deny') return '';
	switch (event) {
		case 'PermissionRequest':
			return permission({behavior: 'deny', message: decision.text});
		case 'PreToolUse':
			return JSON.stringify({
				hookSpecificOutput: {
					hookEventName: 'PreToolUse',
					permissionDecision: 'deny',
					permissionDecisionReason: decision.text,
				},
			});
		case 'PostToolUse':
		case 'UserPromptSubmit':
			return JSON.stringify({continue: false, stopReason: decision.text});
		default:
			return '';
	}
};
