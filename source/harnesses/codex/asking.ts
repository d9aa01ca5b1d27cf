import type {Question} from '../../core/session.ts';
import {fieldsOf, textOf} from './fields.ts';

/** Name and argument of a tool, as hooks tell them. */
export type Tool = {readonly name: string; readonly input: unknown};

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';

/** The files that a patch names. */
const patched = (patch: string): readonly string[] =>
	[...patch.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, file = '']) => file.trim());

const filesOf = (patch: string): string => {
	const files = patched(patch);
	return files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more` : files.join(', ');
};

/** `mcp__server__tool` as a person says it. */
const mcpName = (name: string): string => {
	const [, server = '', tool = ''] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
	return tool === '' ? name : `${tool} of ${server}`;
};

/** What it does with a tool, in one line. */
export const doingOf = ({name, input}: Tool): string => {
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

/** The question of a permission hook. Codex takes allow or deny of it, nothing that lasts: `always` it offers in its pane only. */
export const permissionOf = ({name, input}: Tool): Question => {
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
