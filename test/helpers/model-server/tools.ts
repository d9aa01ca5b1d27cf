import {isAbsolute, join} from 'node:path';
import type {Step} from './script.ts';
import type {Asked, Offered} from './talk.ts';

/** A call of a tool as the model makes it. `input` is a text for tools that take free text. */
export type Call = {readonly name: string; readonly space: string; readonly input: Readonly<Record<string, unknown>> | string};

const SHELLS = ['Bash', 'bash', 'exec_command', 'shell_command', 'shell', 'local_shell', 'run_shell_command', 'run_terminal_cmd'];
const READERS = ['Read', 'read_file', 'read', 'view'];
const WRITERS = ['Write', 'write_file', 'write', 'create'];
const EDITORS = ['Edit', 'replace', 'edit', 'str_replace'];

const find = (tools: readonly Offered[], names: readonly string[]): Offered | undefined =>
	names.map(name => tools.find(tool => tool.name === name && tool.space === '')).find(Boolean);

/** The first of these arguments that the tool has. */
const input = (tool: Offered, names: readonly string[]): string => names.find(name => name in tool.inputs) ?? names[0] ?? '';

const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const call = (tool: Offered, values: ReadonlyArray<readonly [readonly string[], unknown]>): Call => ({
	name: tool.name,
	space: tool.space,
	input: Object.fromEntries([
		...('description' in tool.inputs ? [['description', 'As the script says']] : []),
		...('instruction' in tool.inputs ? [['instruction', 'As the script says']] : []),
		...values.map(([names, value]) => [input(tool, names), value]),
	]),
});

const run = (tools: readonly Offered[], command: string, decision = ''): Call | undefined => {
	// Cline takes several at once.
	const several = find(tools, ['run_commands']);
	if (several) return call(several, [[['commands'], [command]]]);
	const shell = find(tools, SHELLS);
	if (!shell) return;
	const name = input(shell, ['command', 'cmd']);
	const escalation: ReadonlyArray<readonly [readonly string[], unknown]> =
		decision !== '' && 'sandbox_permissions' in shell.inputs
			? [
					[['sandbox_permissions'], 'require_escalated'],
					[['justification'], decision],
				]
			: [];
	return call(shell, [[[name], shell.inputs[name] === 'array' ? ['bash', '-lc', command] : command], ...escalation]);
};

const patch = (tools: readonly Offered[], lines: readonly string[]): Call | undefined => {
	const tool = find(tools, ['apply_patch']);
	if (!tool) return;
	const text = ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
	return tool.isFreeform ? {name: tool.name, space: '', input: text} : call(tool, [[['input', 'patch'], text]]);
};

const PATHS = ['file_path', 'filePath', 'path', 'absolute_path'];
const signed = (sign: string, text: string): readonly string[] =>
	text
		.replace(/\n$/, '')
		.split('\n')
		.map(line => sign + line);

/** The program that calls a nested tool; `chosen` is an expression for its name. */
const inProgram = (chosen: string, input: unknown): Call => ({
	name: 'exec',
	space: 'functions',
	input: `const given = await tools[${chosen}](${JSON.stringify(input)});\ntext(given?.output ?? given);`,
});

/** The call with which this request's program does the step: its tools decide which. Undefined where it offers none for it. */
export const callFor = (step: Step, asked: Asked): Call | undefined => {
	const call = plainCallFor(step, asked);
	const isNested = asked.tools.some(tool => tool.isNested && tool.name === call?.name);
	if (call && isNested) return inProgram(JSON.stringify(call.name), call.input);
	if (!call && 'call' in step && asked.tools.some(tool => tool.isNested))
		return inProgram(`ALL_TOOLS.find(({name}) => name.endsWith(${JSON.stringify(`_${step.call}`)})).name`, step.input);
	return call;
};

const plainCallFor = (step: Step, {tools, directory}: Asked): Call | undefined => {
	const place = (file: string): string => (isAbsolute(file) || !directory ? file : join(directory, file));
	if ('run' in step) return run(tools, step.run, step.decision);
	if ('read' in step) {
		const reader = find(tools, READERS);
		return reader ? call(reader, [[PATHS, place(step.read)]]) : run(tools, `cat ${shellWord(step.read)}`);
	}
	if ('write' in step) {
		const {file, text} = step.write;
		const writer = find(tools, WRITERS);
		if (writer)
			return call(writer, [
				[PATHS, place(file)],
				[['content', 'contents', 'file_text'], text],
			]);
		const made = `mkdir -p "$(dirname ${shellWord(file)})" && printf %s ${shellWord(text)} > ${shellWord(file)}`;
		return patch(tools, [`*** Add File: ${file}`, ...signed('+', text)]) ?? run(tools, made);
	}
	if ('edit' in step) {
		const {file, from, to} = step.edit;
		const editor = find(tools, EDITORS);
		if (editor)
			return call(editor, [
				[PATHS, place(file)],
				[['old_string', 'oldString', 'old_str'], from],
				[['new_string', 'newString', 'new_str'], to],
			]);
		const changed = `FROM=${shellWord(from)} TO=${shellWord(to)} perl -0pi -e 's/\\Q$ENV{FROM}\\E/$ENV{TO}/' ${shellWord(file)}`;
		return patch(tools, [`*** Update File: ${file}`, '@@', ...signed('-', from), ...signed('+', to)]) ?? run(tools, changed);
	}
	if ('call' in step) {
		const named = tools.find(({name}) => name === step.call) ?? tools.find(({name}) => name.endsWith(`_${step.call}`));
		return named && {name: named.name, space: named.space, input: step.input as Record<string, unknown>};
	}
	if ('answer' in step) {
		const tool = find(tools, ['StructuredOutput']);
		return tool && {name: tool.name, space: '', input: step.answer as Record<string, unknown>};
	}
};
