import {entry, firstLine, textField} from '../fields.ts';

/** A tool call in one line, as a person would say it. */
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
