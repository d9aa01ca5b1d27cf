import type {Cli} from '../shared/cli.ts';
import {readHook, readNotice, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {readScreen} from './screen.ts';
import {readLine} from './stream.ts';
import * as stateFile from './transcript.ts';
import {readTranscript} from './transcript.ts';

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
	paste: {gapMs: 400, most: 100_000, proof: 'hook', mark: '> '},
};
