import type {Cli} from '../cli.ts';
import {readHook, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {readScreen} from './screen.ts';
import {readLine} from './stream.ts';

/** opencode. */
export const opencode: Cli = {
	name: 'opencode',
	title: 'opencode',
	package: 'opencode-ai',
	verified: '1.18.33',
	modes: ['interactive', 'headless'],
	login: 'opencode auth login',
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'permission' || event === 'question',
	readLine,
	// Its title is the name of the session.
	readNotice: () => undefined,
	readScreen,
	keys: {interrupt: '\u001b\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 400, most: 100_000, proof: 'hook'},
};
