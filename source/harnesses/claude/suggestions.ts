import {listField, lookUp, textField} from '../fields.ts';

/**
 * What Claude suggests to allow from now on, for this session only: its own choice would write it into a file of the repository. What
 * takes rights away from the person's rules, or is of another kind than was seen, is left out.
 */
export const suggestionsFor = (payload: unknown): readonly object[] =>
	listField(payload, 'permission_suggestions').flatMap(suggestion =>
		typeof suggestion === 'object' && suggestion !== null && lookUp(WORDS, textField(suggestion, 'type'))?.(suggestion)
			? [{...suggestion, destination: 'session'}]
			: [],
	);

const WORDS: Readonly<Record<string, (suggestion: unknown) => string | undefined>> = {
	addRules: suggestion => {
		if (textField(suggestion, 'behavior') !== 'allow') return undefined;
		const rules = listField(suggestion, 'rules').flatMap(rule => {
			const tool = textField(rule, 'toolName');
			const content = textField(rule, 'ruleContent');
			return tool === undefined ? [] : [content === undefined ? tool : `${tool}(${content})`];
		});
		return rules.length === 0 ? undefined : rules.join(', ');
	},
	setMode: suggestion => (textField(suggestion, 'mode') === 'acceptEdits' ? 'all edits of files' : undefined),
	addDirectories: suggestion => {
		const folders = listField(suggestion, 'directories').filter(folder => typeof folder === 'string');
		return folders.length === 0 ? undefined : folders.join(', ');
	},
};

/** How far they reach, in words; '' for none. */
export const reachOf = (payload: unknown): string =>
	suggestionsFor(payload)
		.map(suggestion => lookUp(WORDS, textField(suggestion, 'type'))?.(suggestion) ?? '')
		.join('; ');
