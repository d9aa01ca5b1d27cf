import type {Question, Reading} from '../../core/session/reading.ts';
import type {HookDecision} from '../shared/cli.ts';
import {entry, field, firstLine, textField} from '../shared/fields.ts';
import {DENY_KEYS} from './screen.ts';

export const doingOf = (tool: string, input: unknown): string => {
	const subject = ['command', 'file_path', 'dir_path', 'pattern', 'query', 'prompt', 'title', 'name']
		.map(name => textField(input, name))
		.find(text => text !== undefined);
	return firstLine([entry(NAMES, tool) ?? tool.replace(/^mcp_/, ''), subject ?? ''].join(' ').trim());
};

const NAMES: Readonly<Record<string, string>> = {
	run_shell_command: 'runs',
	write_file: 'writes',
	replace: 'edits',
	read_file: 'reads',
	list_directory: 'lists',
	grep_search: 'searches',
	glob: 'searches',
	web_fetch: 'fetches',
	google_web_search: 'searches the web for',
};

type Told = Omit<Reading, 'source' | 'sign'>;

/** Reads Gemini's hooks. Unknown events and payloads of another shape give []. */
export const readHook = (event: string, payload: unknown): readonly Reading[] => {
	const told = entry(TOLD, event)?.(payload);
	const session = textField(payload, 'session_id');
	if (!told || session === undefined || textField(payload, 'hook_event_name') !== event) return [];
	const transcript = textField(payload, 'transcript_path');
	return [{source: 'hook', sign: `hook ${event}`, session, ...(transcript ? {transcript} : {}), ...told}];
};

const TOLD: Readonly<Record<string, (payload: unknown) => Told | undefined>> = {
	SessionStart: () => ({state: 'starting'}),
	BeforeAgent: () => ({state: 'working', isPromptTaken: true}),
	// Fires before the permission check: a question or the tool follows.
	BeforeTool: payload => ({state: 'working', doing: doingOf(textField(payload, 'tool_name') ?? '', field(payload, 'tool_input'))}),
	AfterTool: () => ({state: 'working'}),
	Notification: payload => {
		if (textField(payload, 'notification_type') !== 'ToolPermission') return undefined;
		const question = questionOf(field(payload, 'details'));
		return {state: 'needs-input', ...(question ? {question} : {})};
	},
	AfterAgent: payload => {
		const said = textField(payload, 'prompt_response');
		return said === undefined || said === NO_TEXT ? {} : {state: 'idle', said};
	},
	SessionEnd: () => ({}),
};

/** Gemini prompts itself where an answer without text followed a tool: also after it was cancelled, or failed. */
export const isOwnPrompt = (event: string, payload: unknown): boolean =>
	event === 'BeforeAgent' && /^\[System: You .* empty response/.test(textField(payload, 'prompt') ?? '');

/** Placeholder for a missing answer: the turn was cancelled or failed; the transcript says which. */
const NO_TEXT = '[no response text]';

/**
 * The question, from the hook that fires before the dialog is drawn. Several dialogs may queue up, so keys come from the screen; `text`
 * matches the dialog's wording to pair them.
 */
const questionOf = (details: unknown): Question | undefined => {
	const asked = entry(ASKED, textField(details, 'type'))?.(details);
	if (!asked) return undefined;
	return {
		kind: 'permission',
		...asked,
		choices: [
			{label: 'Allow once', means: 'allow', keys: '1'},
			{label: 'Allow for this session', means: 'always', keys: '2'},
			{label: 'No, suggest changes (esc)', means: 'deny', keys: DENY_KEYS},
		],
	};
};

const ASKED: Readonly<Record<string, (details: unknown) => Pick<Question, 'text' | 'detail'> | undefined>> = {
	exec: details => {
		const command = textField(details, 'command');
		return command === undefined ? undefined : {text: `Shell: ${firstLine(command)}`, detail: command};
	},
	edit: details => {
		const [, kind, name] = /^Confirm (Write|Edit): (.+)$/.exec(textField(details, 'title') ?? '') ?? [];
		return kind === undefined || name === undefined
			? undefined
			: {text: `${kind}: ${firstLine(name)}`, detail: textField(details, 'fileDiff') ?? textField(details, 'filePath') ?? ''};
	},
	mcp: details => {
		const tool = textField(details, 'toolName');
		const server = textField(details, 'serverName');
		return tool === undefined || server === undefined ? undefined : {text: `${server}: ${firstLine(tool)}`, detail: ''};
	},
};

/** Returns what a hook prints for a decision. Gemini takes no permission by hook; keys answer those. */
export const replyHook = (event: string, decision: HookDecision): string => {
	if (event === 'AfterAgent' && decision.kind === 'go-on') return JSON.stringify({decision: 'deny', reason: decision.text});
	if (decision.kind === 'tell' && (event === 'BeforeAgent' || event === 'AfterTool'))
		return JSON.stringify({hookSpecificOutput: {hookEventName: event, additionalContext: decision.text}});
	// The task was reassigned: no tool runs, and the turn ends.
	if (decision.kind === 'deny' && (event === 'BeforeAgent' || event === 'BeforeTool' || event === 'AfterTool'))
		return JSON.stringify({continue: false, stopReason: decision.text, decision: 'deny', reason: decision.text});
	return '';
};
