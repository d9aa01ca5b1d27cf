import {chmodSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {hostsOf, teamConfig} from '../helpers/machines.ts';
import {node, type Running, root, startProgram} from '../helpers/program.ts';
import {startTestRedis} from '../helpers/redis.ts';
import {binFile, createStory, type Story} from '../helpers/room.ts';
import {until} from '../helpers/wait.ts';

/** The commands of the page, each with the machine that it is typed on, as they are printed. */
const steps = [...readFileSync(join(root, 'source', 'guide', 'teams.md'), 'utf8').matchAll(/^ {4}([a-z]+(?:-\d)?)\$ (.+)$/gm)].map(
	([, machine = '', line = '']) => ({machine, line}),
);

/** Types a line at a shell of that machine, which finds `agent-room` on its PATH. */
const typing = (story: Story, folder: string): ((line: string) => Running) => {
	const bin = join(story.folder, 'bin');
	mkdirSync(bin, {recursive: true});
	writeFileSync(join(bin, 'agent-room'), `#!/bin/sh\nexec '${node}' '${binFile}' "$@"\n`);
	chmodSync(join(bin, 'agent-room'), 0o755);
	const {AGENT_ROOM_TRUST: _, ...env} = story.env;
	return line => startProgram(['sh', '-c', `exec ${line}`], {cwd: folder, env: {...env, PATH: `${bin}:${env.PATH}`}});
};

test('the page about teams is followed word by word, from the first room to the last', async () => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	const laptop = createStory(teamConfig.replace('merge: push\n', '').replace('count: 1', 'count: 2'));
	const remote = join(laptop.folder, 'hub.git');
	laptop.git('clone', '--quiet', '--bare', laptop.repository, remote);
	laptop.git('remote', 'add', 'origin', remote);
	laptop.git('fetch', '--quiet', 'origin');
	laptop.git('branch', '--quiet', '--set-upstream-to=origin/main', 'main');
	await laptop.must('config', 'trust');
	await laptop.must('add', 'What was there before');
	const big = laptop.clone(remote);
	const machines = new Map([
		['laptop', {story: laptop, type: typing(laptop, laptop.repository)}],
		['big-1', {story: big, type: typing(big, big.folder)}],
	]);
	const isMerged = async (title: string): Promise<boolean> => laptop.git('--git-dir', remote, 'log', '--format=%s', 'main').includes(title);
	let worker: Running | undefined;
	for (const {machine, line} of steps) {
		const at = machines.get(machine);
		if (!at) throw new Error(`no machine is called ${machine}`);
		const typed = line.replace('rediss://room@redis.example:6380', redis.socketPath).replace('git@git.example:shop.git', `${remote} shop`);
		if (line === 'cd shop') {
			machines.set(machine, {...at, type: typing(at.story, join(at.story.folder, 'shop'))});
		} else if (line.startsWith('agent-room worker')) {
			worker = at.type(typed);
			await until(() => worker?.output().includes('Ready: '), {what: () => `the worker\n${worker?.output()}`});
		} else if (line === 'agent-room') {
			// On a terminal it opens the room; here it prints the table.
			const {code, stdout} = await at.type(typed).ended;
			expect([code, stdout], line).toEqual([0, expect.stringContaining('Add a login page')]);
			await until(() => isMerged('Add a login page'), {what: () => `the merges\n${worker?.output()}`});
			expect(await isMerged('What was there before')).toBe(true);
			worker?.child.kill('SIGTERM');
			expect((await worker?.ended)?.code).toBe(0);
		} else {
			const {code, stdout, stderr} = await at.type(typed).ended;
			expect(code, `${line}\n${stdout}${stderr}`).toBe(0);
			if (line === 'agent-room hosts') expect(stdout).toMatch(/^HOST .*\n\S+ +up, leads +\d of 4 running/);
			if (line === 'agent-room leave') expect(stdout).toContain('Left the team. No open task is left there.');
		}
	}
	expect(steps.length).toBeGreaterThan(8);
	expect(await hostsOf(laptop, redis.socketPath)).toEqual([]);
});
