import {mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {prepareRoomProcess} from '../../../source/commands/client/start.ts';
import type {RoomOptions} from '../../../source/room/parts/options.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {cleanEnvironment, node, root, startProgram} from '../../helpers/program.ts';
import {binFile} from '../../helpers/room.ts';

test.each(['', 'g'])('a room that was brought up and is told %j, since whoever did it went away, ends and leaves nothing', async input => {
	const folder = temporaryFolder();
	// Options that no room could start from: reading them would be seen.
	writeFileSync(join(folder, 'room.json'), '{}');
	const {code, stdout, stderr} = await startProgram([node, join(root, 'dist', 'room.js'), join(folder, 'room.json'), 'told'], {input})
		.ended;
	expect({code, stdout, stderr}).toEqual({code: 0, stdout: '', stderr: ''});
	expect(readdirSync(folder)).toEqual(['room.json']);
});

test('a room that is told to start does so: it reads its options', async () => {
	const folder = temporaryFolder();
	const {code, stderr} = await startProgram([node, join(root, 'dist', 'room.js'), join(folder, 'room.json'), 'told'], {input: 'go\n'})
		.ended;
	expect({code, stderr}).toEqual({code: 1, stderr: expect.stringContaining('ENOENT')});
});

test('what is new in a room takes no hundred megabytes before it is collected, however much memory the machine has', async () => {
	const folder = temporaryFolder();
	mkdirSync(join(folder, 'dist'));
	// Says how far it grew as why it did not start.
	const program = `
		const {createInterface} = require('node:readline');
		const {writeSync} = require('node:fs');
		createInterface({input: process.stdin}).once('line', () => {
			const kept = [];
			for (let index = 0; index < 3e6; index++) kept.push({index});
			const {space_size} = require('node:v8').getHeapSpaceStatistics().find(({space_name}) => space_name === 'new_space');
			writeSync(3, JSON.stringify({ok: false, message: String(space_size / 2 ** 20 + kept.length - 3e6)}) + '\\n');
			process.exit(1);
		});`;
	writeFileSync(join(folder, 'dist', 'room.js'), program);
	const room = prepareRoomProcess({stateFolder: folder, root: folder, program: folder}, cleanEnvironment({HOME: folder}));
	const error: unknown = await room.start({} as RoomOptions).catch((thrown: unknown) => thrown);
	expect(Number((error as Error).message)).toBeGreaterThan(0);
	expect(Number((error as Error).message)).toBeLessThanOrEqual(32);
});

test('a command keeps what was compiled beside what a room keeps, and makes no folder of its own for it', async () => {
	const home = temporaryFolder();
	const env = cleanEnvironment({HOME: home, XDG_STATE_HOME: join(home, 'state')});
	expect(await startProgram([node, binFile, '--version'], {cwd: '/', env}).ended).toMatchObject({code: 0});
	expect(readdirSync(home)).toEqual([]);
});
