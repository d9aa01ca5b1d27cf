import type {Cli} from '../shared/cli.ts';
import {readHook, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {readScreen} from './screen.ts';
import {readLine, readNotice} from './stream.ts';
import {readTranscript} from './transcript.ts';

/** OpenAI Codex. */
export const codex: Cli = {
	name: 'codex',
	title: 'Codex',
	package: '@openai/codex',
	verified: '0.169.0',
	modes: ['interactive', 'headless'],
	login: 'codex login',
	settingsOfRepository: ['.codex'],
	hasAnswers: true,
	launch,
	readHook,
	replyHook,
	isQuestion: event => event === 'PermissionRequest',
	isToolEnd: event => event.startsWith('PostToolUse'),
	readLine,
	readTranscript,
	readNotice,
	readScreen,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	paste: {gapMs: 200, most: 100_000, proof: 'hook', mark: ' '},
};
