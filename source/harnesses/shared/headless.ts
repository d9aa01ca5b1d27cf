import type {Cli} from './cli.ts';

type Silent = Omit<Cli, 'name' | 'title' | 'package' | 'verified' | 'login' | 'launch' | 'readLine'>;

/** What is left of a CLI that is run without a screen only: no hooks, no signs on a screen, no keys that are known to be right. */
export const HEADLESS_ONLY: Silent = {
	modes: ['headless'],
	readHook: () => [],
	replyHook: () => '',
	isQuestion: () => false,
	readNotice: () => undefined,
	readScreen: () => undefined,
	keys: {interrupt: '\u0003', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 500, most: 20_000, proof: 'screen', mark: ' '},
};

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
