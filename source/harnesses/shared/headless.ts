import type {Cli} from './cli.ts';

type Silent = Omit<
	Cli,
	'name' | 'title' | 'package' | 'verified' | 'login' | 'home' | 'hosts' | 'loginEnvironment' | 'launch' | 'readLine'
>;

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
