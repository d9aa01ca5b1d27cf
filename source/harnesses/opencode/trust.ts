import type {Question} from '../../core/session/reading.ts';

/** The last line of the program that stands before opencode, where a repository brings what opencode would run by itself. */
export const TRUST_QUESTION = 'Run the plugins and servers of this repository? [y/N]';

/** That question on a screen, with its keys; undefined if it is not asked. */
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
