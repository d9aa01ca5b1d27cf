import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {launch} from '../../../source/harnesses/opencode/launch.ts';
import {copyOf, sessions} from '../../../source/harnesses/opencode/sessions.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {launchContext} from '../../helpers/launch.ts';

const ID = 'ses_dc9267976ffeD3nuae2ex5D8le';
/** The form of `opencode export` 1.18.33. */
const EXPORTED = JSON.stringify({
	info: {
		id: ID,
		directory: '/home/ada/p',
		title: 'Make a login page',
		share: {url: 'https://example.com/s'},
		cost: 0.0075,
		tokens: {input: 2000, output: 100, reasoning: 10, cache: {read: 300, write: 20}},
	},
	messages: [
		{
			info: {id: 'msg_236d98c9f001rnstEhhtRx1gNm', sessionID: ID, role: 'user'},
			parts: [{id: 'prt_236d995430012d5vJ7yPx3vHV6', sessionID: ID, messageID: 'msg_236d98c9f001rnstEhhtRx1gNm', text: `About ${ID}`}],
		},
		{
			info: {
				id: 'msg_236da0632001II9FqMflIMwKYs',
				sessionID: ID,
				parentID: 'msg_236d98c9f001rnstEhhtRx1gNm',
				path: {cwd: '/home/ada/p/sub', root: '/home/ada/p'},
			},
			parts: [],
		},
	],
});
const kept = sessions.byProgram?.toKeep(EXPORTED, ID) ?? '';

test('the export of a session is kept, with what it has cost, and copied under other ids in another folder', () => {
	expect(sessions.read(kept.split('\n'))).toEqual({
		cwd: '/home/ada/p',
		title: 'Make a login page',
		used: {micros: 7500, tokensIn: 2320, tokensOut: 110, cached: 300, isTotal: true},
	});
	const copy = copyOf(kept, {ending: '01234567', folder: '/w "x"'});
	expect(copy?.id).toBe('ses_dc9267976ffeD3nuae01234567');
	const {info, messages} = JSON.parse(copy?.text ?? '');
	expect(info).toMatchObject({id: copy?.id, directory: '/w "x"', title: 'Make a login page'});
	expect(info.share).toBeUndefined();
	expect(messages[1].info).toEqual({
		id: 'msg_236da0632001II9FqM01234567',
		sessionID: copy?.id,
		parentID: 'msg_236d98c9f001rnstEh01234567',
		path: {cwd: '/w "x"', root: '/w "x"'},
	});
	// What was said stays as it was.
	expect(messages[0].parts[0]).toMatchObject({sessionID: copy?.id, text: `About ${ID}`});
});

test.each([
	['not JSON', 'oh no'],
	['another session', EXPORTED.replaceAll(ID, 'ses_dc9267976ffeD3nuae2ex5D8lf')],
	['another form', JSON.stringify({info: {id: ID}, parts: []})],
])('%s is not kept', (_what, text) => {
	expect(sessions.byProgram?.toKeep(text, ID)).toBeUndefined();
	expect(copyOf(text, {ending: '01234567', folder: '/w'})).toBeUndefined();
});

test('the list of another version is empty, and of a session without a folder nothing is offered', () => {
	const row = {id: ID, title: 'A title', updated: 5, directory: '/home/ada/p'};
	const list = (rows: unknown) => sessions.byProgram?.readList(typeof rows === 'string' ? rows : JSON.stringify(rows));
	expect(list([row, {...row, directory: 'p'}, {...row, id: '--help'}, {...row, updated: 'now'}, 7])).toEqual([
		{id: ID, title: 'A title', at: 5, cwd: '/home/ada/p'},
	]);
	for (const strange of ['', 'Session  Title', {sessions: [row]}]) expect(list(strange)).toEqual([]);
});

test.each(['interactive', 'headless'] as const)('%s, a copy is imported and continued; one that cannot be is left out', mode => {
	const folder = temporaryFolder('copy');
	const program = join(folder, 'opencode');
	const log = join(folder, 'log');
	writeFileSync(
		program,
		`#!/bin/sh\nprintf '%s\\n' "$AGENT_ROOM_NEW_SESSION|$*" >>${log}\n[ "$2" != import ] || [ ! -e ${join(folder, 'refuses')} ]\n`,
	);
	chmodSync(program, 0o755);
	const context = launchContext({
		...{mode, folder: join(folder, 'it’s here'), program: [program, '--model', 'm'], permissions: 'full'},
		...{prompt: 'Go on; $(touch pwned)', fork: ID, forkText: kept, newSession: '01234567-89ab'},
	});
	const {command, files} = launch(context);
	mkdirSync(context.folder);
	for (const {name, text} of files) writeFileSync(join(context.folder, name), text);
	const [shell = '', ...args] = command;
	const ran = () => {
		writeFileSync(log, '');
		execFileSync(shell, args, {cwd: folder});
		return readFileSync(log, 'utf8').trim().split('\n');
	};
	const begin = mode === 'headless' ? 'run --format json --model m --auto' : '--model m --auto';
	const copy = 'ses_dc9267976ffeD3nuae01234567';
	const imports = `|--pure import ${context.folder}/session.json`;
	expect(ran()).toEqual([imports, `|${begin} --session ${copy}${mode === 'headless' ? ` -- ${context.prompt}` : ''}`]);
	writeFileSync(join(folder, 'refuses'), '');
	expect(ran()).toEqual([imports, `1|${begin} ${mode === 'headless' ? '-- ' : '--prompt='}${context.prompt}`]);
	expect(JSON.parse(readFileSync(join(context.folder, 'session.json'), 'utf8')).info.directory).toBe(context.worktree);
});
