import {readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
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

test('a command keeps what was compiled beside what a room keeps, and makes no folder of its own for it', async () => {
	const home = temporaryFolder();
	const env = cleanEnvironment({HOME: home, XDG_STATE_HOME: join(home, 'state')});
	expect(await startProgram([node, binFile, '--version'], {cwd: '/', env}).ended).toMatchObject({code: 0});
	expect(readdirSync(home)).toEqual([]);
});
