import type {Cli} from '../cli.ts';
import {launch} from './launch.ts';
import {readHook} from './read-hook.ts';
import {replyHook} from './reply-hook.ts';

/** Claude Code. */
export const claude: Cli = {
	name: 'claude',
	title: 'Claude Code',
	package: '@anthropic-ai/claude-code',
	verified: '2.1.330',
	modes: ['interactive', 'headless'],
	login: 'claude /login',
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'PermissionRequest',
	readLine: () => ({readings: [], text: ''}),
	readNotice: () => undefined,
	readScreen: () => undefined,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 400, most: 100_000, proof: 'hook'},
	pause: 'stop',
};
