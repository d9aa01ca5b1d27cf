import {field, firstLine, lookUp, textField} from '../shared/fields.ts';

/** Hooks to register. `waits`: the hook is answered once a human has decided. */
export const HOOKS = [
	{event: 'SessionStart', waits: false, isHeadless: false},
	{event: 'UserPromptSubmit', waits: false, isHeadless: false},
	{event: 'PreToolUse', waits: false, isHeadless: true},
	{event: 'PermissionRequest', waits: true, isHeadless: true},
	{event: 'PostToolUse', waits: false, isHeadless: false},
	{event: 'PostToolUseFailure', waits: false, isHeadless: false},
	{event: 'Notification', waits: false, isHeadless: false},
	{event: 'PreCompact', waits: false, isHeadless: false},
	{event: 'Stop', waits: false, isHeadless: false},
	{event: 'StopFailure', waits: false, isHeadless: false},
	{event: 'SessionEnd', waits: false, isHeadless: false},
] as const;

/** Event name of the status line, which is sent the same way as a hook. */
export const STATUS = 'StatusLine';

/** Name of the room's MCP server, the prefix of its tool names. */
export const SERVER = 'room';

/** A tool call: the tool's name, its subject in one line, and the full input. */
export type ToolUse = {readonly title: string; readonly about: string; readonly detail: string};

const ABOUT: Readonly<Record<string, string>> = {
	Bash: 'command',
	Read: 'file_path',
	Edit: 'file_path',
	Write: 'file_path',
	NotebookEdit: 'notebook_path',
	Glob: 'pattern',
	Grep: 'pattern',
	WebFetch: 'url',
	WebSearch: 'query',
	Task: 'description',
	Agent: 'description',
	Skill: 'skill',
};

const marked = (mark: string, text: string): string =>
	text === ''
		? ''
		: text
				.split('\n')
				.map(line => `${mark}${line}`)
				.join('\n');

const changed = (input: unknown): string =>
	[
		textField(input, 'file_path') ?? '',
		marked('- ', textField(input, 'old_string') ?? ''),
		marked('+ ', textField(input, 'new_string') ?? ''),
	]
		.filter(part => part !== '')
		.join('\n');

const DETAILS: Readonly<Record<string, (input: unknown) => string>> = {
	Bash: input => textField(input, 'command') ?? '',
	Edit: changed,
	Write: input => [textField(input, 'file_path') ?? '', marked('+ ', textField(input, 'content') ?? '')].join('\n'),
	WebFetch: input => [textField(input, 'url') ?? '', textField(input, 'prompt') ?? ''].filter(part => part !== '').join('\n'),
};

/** Turns `mcp__github__create_issue` into the tool `create_issue` of `github`. */
const titleOf = (name: string): string => {
	const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
	return server === undefined || tool === undefined ? name : `${server} ${tool}`;
};

const wholeInput = (input: unknown): string => (input === undefined || input === null ? '' : JSON.stringify(input, undefined, 2));

export const toolUse = (name: string, input: unknown): ToolUse => {
	const about = lookUp(ABOUT, name);
	const known = about === undefined ? undefined : textField(input, about);
	return {
		title: titleOf(name),
		about: firstLine(known ?? '', 160),
		detail: lookUp(DETAILS, name)?.(input) ?? known ?? wholeInput(input),
	};
};

/** One line: `Bash: npm test`. */
export const toolLine = (name: string, input: unknown): string => {
	const {title, about} = toolUse(name, input);
	return about === '' ? title : `${title}: ${about}`;
};

export const doing = (payload: unknown): string => toolLine(textField(payload, 'tool_name') ?? 'a tool', field(payload, 'tool_input'));
