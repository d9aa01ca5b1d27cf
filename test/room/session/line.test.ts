import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {endTree} from '../../../source/os/process-tree.ts';
import type {Attempt} from '../../../source/room/parts/attempt.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {typeLine} from '../../../source/room/session/line.ts';
import {createPane} from '../../../source/room/team/pane.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {until} from '../../helpers/wait.ts';

/** A command of one's own in a real pane, which keeps every byte that is typed. */
test('a line is typed to a program, but never into a question, a paused one, or where somebody types', async () => {
	const folder = temporaryFolder('line');
	const pane = createPane('agent:dev:001', () => undefined);
	const marker = ['AGENT_ROOM_RUN', folder] as const;
	const started = pane.start({
		command: ['sh', '-c', 'stty raw -echo; echo ready; exec cat >typed'],
		cwd: folder,
		env: {PATH: process.env.PATH ?? ''},
		marker,
		onOutput: () => undefined,
	});
	onTestFinished(async () => {
		await endTree(started, marker, {graceMs: 0});
		pane.dispose();
	});
	await until(() => pane.screen.tail(1)[0] === 'ready');
	const arrived = (): string => (existsSync(join(folder, 'typed')) ? readFileSync(join(folder, 'typed'), 'utf8') : '');
	const attempt = {questions: [] as unknown[], isPaused: false, isEnding: false};
	const room = {
		slots: {pane: () => pane, attempt: (id: string) => (id === 'agent:dev:001' ? (attempt as unknown as Attempt) : undefined)},
	} as unknown as Room;
	const type = (text: string, agent = 'dev-1') => typeLine(room, {agent, text});

	expect(await type('git status\x1b[31m\n')).toEqual({ok: true, text: 'typed to dev-1'});
	await until(() => arrived() === 'git status\r');
	attempt.questions.push({});
	expect(await type('yes')).toMatchObject({ok: false, message: 'Nothing was typed to dev-1: it asks a question.'});
	attempt.questions.pop();
	attempt.isPaused = true;
	expect(await type('yes')).toMatchObject({ok: false, message: expect.stringContaining('it is paused')});
	attempt.isPaused = false;
	expect(await type('yes', 'dev-2')).toMatchObject({ok: false, message: expect.stringContaining('none of its programs runs')});
	pane.handle.write(Buffer.from('half a wo'));
	expect(await type('yes')).toMatchObject({ok: false, message: expect.stringContaining('somebody types into its pane')});
	await until(() => arrived() === 'git status\rhalf a wo');
});
