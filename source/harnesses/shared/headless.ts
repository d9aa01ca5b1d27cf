import type {Cli} from './cli.ts';

type Silent = Omit<
	Cli,
	'name' | 'title' | 'package' | 'verified' | 'login' | 'home' | 'hosts' | 'loginEnvironment' | 'launch' | 'readLine'
>;

/** Defaults of a CLI that only runs headless: no hooks, screen signs or known keys. */
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
