import type {Cli} from '../cli.ts';
import {HEADLESS_ONLY} from '../headless.ts';

/** Cline, without a screen, as its manual has it: what its lines mean was not seen, so that they are shown and no more. */
export const cline: Cli = {
	...HEADLESS_ONLY,
	name: 'cline',
	title: 'Cline',
	package: 'cline',
	verified: '',
	login: 'cline auth',
	launch: ({program, prompt}) => ({command: [...program, '--json', prompt], environment: {}, files: []}),
	readLine: line => ({readings: [], text: line}),
};
