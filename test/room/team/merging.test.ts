import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, WRITES} from '../../helpers/engine.ts';
import {createHub} from '../../helpers/hosts.ts';
import type {TestRepository} from '../../helpers/repository.ts';

const agents = {developer: WRITES, 'code-sentinel': APPROVES};
/** Nothing is configured. */
const config = {merge: undefined};

test('on a shared Redis merges go to the upstream of the base, said before the first; a clone without a remote does not open', async () => {
	const hub = await createHub();
	const first = await hub.open({agents, config});
	await first.must({type: 'add-task', title: 'one', id: 'one'});
	await first.when('the merge', () => first.task('one').state === 'merged');
	const said = first.events.filter(({type}) => ['merges_go_to', 'task_merged'].includes(type));
	expect(said.map(({text, type}) => [type, text][type === 'merges_go_to' ? 1 : 0])).toEqual([
		'Merges go to origin/main: each is pushed once its tests have passed.',
		'task_merged',
	]);
	expect(first.repository.git(['--git-dir', hub.remote, 'rev-parse', 'main'])).toBe(first.task('one').mergedCommit);
	await first.room.stop('the first ends');
	const before = (repository: TestRepository): void => {
		repository.git(['remote', 'remove', 'origin']);
	};
	await expect(hub.open({agents, config, before})).rejects.toMatchObject({
		message: 'This team pushes its merges to a remote that all clones share, and `main` follows none here.',
		hint: expect.stringContaining('git remote add origin URL'),
	});
});

test('without an upstream they stay in the clone, and so they do on a Redis of its own; a second clone is told the line to change', async () => {
	const hub = await createHub();
	const before = (repository: TestRepository): void => {
		repository.git(['remote', 'remove', 'origin']);
	};
	const alone = await hub.open({agents, config, before});
	expect(await alone.redis('HGET', 'workflow:meta', 'merge')).toBe('local');
	await expect(hub.open({agents, config})).rejects.toMatchObject({
		message: expect.stringContaining('(`merge: local`), so no second clone can join'),
		hint: expect.stringContaining('Set `merge: push` in agent-room.yaml of both'),
	});
	const first = await hub.open({agents, config, options: {redisUrl: undefined}});
	expect(await first.redis('HGET', 'workflow:meta', 'merge')).toBe('local');
});

test('a remote that the team does not share, or that takes no push from here, is refused; the rest of the team works on', async () => {
	const hub = await createHub();
	const first = await hub.open({agents, config});
	const copy = join(temporaryFolder('copy'), 'hub.git');
	const before = (repository: TestRepository): void => {
		repository.git(['clone', '--quiet', '--bare', hub.remote, copy]);
		repository.git(['remote', 'set-url', 'origin', copy]);
	};
	await expect(hub.open({agents, config, before})).rejects.toMatchObject({
		message: expect.stringMatching(/^`origin` here is not the remote that this team shares: what `.+` pushes does not arrive there\.$/),
		hint: expect.stringContaining('git remote set-url origin URL'),
	});
	// As a server answers somebody who may only read.
	const readOnly = (repository: TestRepository): void => {
		const program = join(repository.stateFolder, 'read-only.sh');
		mkdirSync(repository.stateFolder, {recursive: true});
		writeFileSync(program, '#!/bin/sh\necho "remote: Permission denied to robot" >&2\nexit 128\n', {mode: 0o755});
		repository.git(['config', 'remote.origin.receivepack', program]);
	};
	await expect(hub.open({agents, config, before: readOnly})).rejects.toMatchObject({
		message: expect.stringMatching(/^`origin` does not take pushes from here: .*Permission denied to robot/),
	});
	expect((await first.redis('SMEMBERS', 'workflow:rooms:joined')) as unknown[]).toHaveLength(1);
	await first.must({type: 'add-task', title: 'one', id: 'one'});
	await first.when('the merge', () => first.task('one').state === 'merged');
});
