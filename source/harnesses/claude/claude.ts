import type {Cli} from '../cli.ts';
import {launch} from './launch.ts';
import {readHook} from './read-hook.ts';
import {readLine} from './read-line.ts';
import {readNotice} from './read-notice.ts';
import {readScreen} from './read-screen.ts';
import {readTranscript} from './read-transcript.ts';
import {replyHook} from './reply-hook.ts';
import * as stateFile from './state-file.ts';

/** Claude Code. */
export const claude: Cli = {
	name: 'claude',
	title: 'Claude Code',
	package: '@anthropic-ai/claude-code',
	verified: '2.1.330',
	modes: ['interactive', 'headless'],
	tellsMoney: true,
	login: 'claude /login',
	hasAnswers: true,
	settingsOfRepository: ['.claude', '.mcp.json'],
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'PermissionRequest',
	readLine,
	readTranscript,
	stateFile,
	readNotice,
	readScreen,
	isToolEnd: event => event.startsWith('PostToolUse'),
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 400, most: 100_000, proof: 'hook'},
};
