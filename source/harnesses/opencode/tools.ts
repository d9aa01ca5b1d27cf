import {entry, firstLine, textField} from '../fields.ts';

/** A tool call in one line, as a person would say it. */
export const doingOf = (tool: string, input: unknown): string => {
	const subject = ['command', 'filePath', 'path', 'pattern', 'url', 'description', 'text', 'name']
		.map(name => textField(input, name))
		.find(text => text !== undefined);
	return firstLine([entry(NAMES, tool) ?? tool, subject ?? ''].join(' ').trim());
};

const NAMES: Readonly<Record<string, string>> = {
	bash: 'runs',
	write: 'writes',
	edit: 'edits',
	read: 'reads',
	list: 'lists',
	grep: 'searches',
	glob: 'searches',
	webfetch: 'fetches',
	question: 'asks',
	todowrite: 'plans',
};
