import {existsSync, mkdirSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from './helpers/cleanup.ts';
import {cleanEnvironment, node, root, startProgram} from './helpers/program.ts';
import {isMemory, runEnvironment} from './temporary.ts';

test.each([
	['tmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0', true],
	['shm /dev/shm tmpfs rw,nosuid,nodev,noexec,relatime,size=65536k 0 0', false],
	['tmpfs /dev/shm tmpfs ro 0 0', false],
	['/dev/sda1 /dev/shm ext4 rw 0 0', false],
	['tmpfs /dev tmpfs rw 0 0', false],
	['', false],
])('files of tests lie in memory where programs can be started in it: %j', (line, isSo) => {
	expect(isMemory(`proc /proc proc rw 0 0\n${line}\n`, '/dev/shm')).toBe(isSo);
});

test('the folder of a run ends with it, a later one removes that of a killed one, and a caller is not overruled', async () => {
	const folder = temporaryFolder();
	const module = JSON.stringify(join(root, 'test', 'temporary.ts'));
	const run = (then: string) =>
		startProgram(
			[
				node,
				'--input-type=module',
				'-e',
				`const {runEnvironment} = await import(${module}); console.log(JSON.stringify(runEnvironment(process.env))); ${then}`,
			],
			{env: cleanEnvironment({TMPDIR: folder, NODE_COMPILE_CACHE: ''})},
		);
	const killed = run("process.kill(process.pid, 'SIGKILL')");
	expect((await killed.ended).signal).toBe('SIGKILL');
	const mine = join(folder, `ar-r${process.pid}`);
	mkdirSync(mine);
	expect(readdirSync(folder).sort()).toEqual([`ar-r${killed.pid}`, `ar-r${process.pid}`].sort());
	const ended = await run('').ended;
	expect(ended, ended.stderr).toMatchObject({code: 0});
	expect(JSON.parse(ended.stdout)).toEqual({NODE_COMPILE_CACHE: expect.stringContaining(`${folder}/ar-r`)});
	expect(readdirSync(folder)).toEqual([`ar-r${process.pid}`]);
	expect(existsSync(mine)).toBe(true);
	expect(runEnvironment({TMPDIR: folder, NODE_COMPILE_CACHE: join(folder, 'c')})).toEqual({});
});
