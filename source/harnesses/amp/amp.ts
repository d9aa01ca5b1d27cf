import type {Cli} from '../cli.ts';
import {HEADLESS_ONLY} from '../headless.ts';

/** Amp, without a screen, as its manual has it: it needs a service of its own and was never run. */
export const amp: Cli = {
	...HEADLESS_ONLY,
	name: 'amp',
	title: 'Amp',
	package: '@sourcegraph/amp',
	verified: '',
	login: 'amp login',
	launch: ({program, prompt, permissions}) => ({
		command: [...program, ...(permissions === 'full' ? ['--dangerously-allow-all'] : []), '--execute', prompt],
		environment: {},
		files: [],
	}),
	readLine: line => ({readings: [], text: line}),
};
