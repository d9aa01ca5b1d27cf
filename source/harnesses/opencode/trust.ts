import type {Question} from '../../core/session/reading.ts';

/** Last line of the wrapper's question, asked if a repository has code that opencode would run by itself. */
export const TRUST_QUESTION = 'Run the plugins and servers of this repository? [y/N]';

/** Returns the question with its keys, undefined if it is not on screen. */
export const readTrust = (rows: readonly string[]): Question | undefined => {
	const shown = rows.map(row => row.trimEnd()).filter(row => row !== '');
	if (shown.at(-1) !== TRUST_QUESTION) return undefined;
	const head = shown.findLastIndex(row => row.startsWith('This repository contains '));
	return {
		kind: 'dialog',
		text: TRUST_QUESTION,
		detail: head < 0 ? '' : shown.slice(head, -1).join('\n'),
		choices: [
			{label: 'No, end it', means: 'deny', keys: 'n\r'},
			{label: 'Yes, run it', means: 'allow', keys: 'y\r'},
		],
	};
};
