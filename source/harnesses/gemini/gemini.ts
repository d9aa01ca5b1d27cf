import type {Cli} from '../cli.ts';
import {readHook, replyHook} from './hooks.ts';
import {launch} from './launch.ts';
import {readNotice, readScreen} from './screen.ts';
import {readLine} from './stream.ts';
import {readTranscript} from './transcript.ts';

/** Gemini CLI. */
export const gemini: Cli = {
	name: 'gemini',
	title: 'Gemini CLI',
	package: '@google/gemini-cli',
	verified: '0.61.0',
	modes: ['interactive', 'headless'],
	settingsOfRepository: ['.gemini'],
	login: 'gemini, then /auth',
	launch,
	readHook,
	replyHook,
	// Its permission is told by a notification that the question waits for: it is answered by keys.
	isQuestion: () => false,
	readLine,
	readTranscript,
	readNotice,
	readScreen,
	keys: {interrupt: '\u001b', clear: '\u0003', quit: ['\u0003', '\u0003']},
	// Enter within 150 ms of a paste was lost every time, after 200 ms never; 100 KB in one paste were lost.
	paste: {gapMs: 500, most: 20_000, proof: 'hook'},
};
