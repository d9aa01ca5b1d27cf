import {join} from 'node:path';
import {expect, test} from 'vitest';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {findRemote, sharedPrefix} from '../../../source/git/remote/remote.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {APPROVES, openEngine, type Scripts, WRITES} from '../../helpers/engine.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {addRemote, type TestRemote} from '../../helpers/remote.ts';

const PREFIX = 'refs/agent-room/workflow/';

/** A room on a Redis that others may use too. */
const openInTeam = async (agents: Scripts, prepare: (remote: TestRemote) => void = () => undefined) => {
	const redis = await startTestRedis();
	let remote: TestRemote | undefined;
	const room = await openEngine({
		agents,
		before: repository => {
			remote = addRemote(repository);
			prepare(remote);
		},
		config: {merge: 'push'},
		options: {redisUrl: redis.socketPath},
	});
	if (!remote) throw new Error('there is no remote');
	const there = remote;
	return {
		room,
		remote: there,
		shared: () =>
			there
				.refs()
				.split('\n')
				.filter(line => line.startsWith(PREFIX))
				.map(line => line.split(' ')[1]),
		banner: (pattern: RegExp) => room.store.getSnapshot().banners.some(({text}) => pattern.test(text)),
		add: (id: string) => room.must({type: 'add-task', title: id, id}),
	};
};

const agents = {developer: WRITES, 'code-sentinel': APPROVES};

test('what is handed in, and what is built of it, is on the remote before Redis names it: another clone has it by its id', async () => {
	// The remote takes nothing of the team's before the test says so.
	const {room, remote, shared, add} = await openInTeam(agents, ({folder, hook}) =>
		hook('update', `case "$1" in ${PREFIX}*) touch ${folder}/asked; while [ ! -e ${folder}/go ]; do sleep 0.05; done;; esac`),
	);
	await add('one');
	await room.when('it is pushed', () => remote.has('asked'));
	expect(room.task('one')).toMatchObject({stage: 'develop', state: 'leased', commit: ''});
	remote.write('go');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	const {commit, candidate, mergedCommit} = room.task('one');
	expect(shared().toSorted()).toEqual([commit, candidate].toSorted());
	expect(remote.head()).toBe(mergedCommit);

	const second = join(temporaryFolder('clone'), 'p');
	room.repository.git(['clone', '--quiet', remote.folder, second]);
	const repository = await openRepository(second);
	const found = {...(await findRemote(repository, 'main')), shared: sharedPrefix('workflow')};
	const other = await openGuardian({repository, folder: join(temporaryFolder('state'), 'guardian.git'), base: 'main', remote: found});
	await other.importCommit(commit);
	expect(await other.commitOnBase({task: 'one', commit})).toBe(mergedCommit);
});

test('a remote that is away keeps finished work waiting with its agent, says so, and takes it when it is back', async () => {
	const {room, remote, banner, add} = await openInTeam({...agents, developer: `while [ ! -e "$D/go" ]; do sleep 0.05; done; ${WRITES}`});
	await add('one');
	await room.when('it is worked on', () => room.task('one').state === 'leased');
	remote.leave();
	room.touch('go');
	await room.when('it is said', () => banner(/^`origin` cannot be reached: /));
	expect(room.task('one')).toMatchObject({stage: 'develop', state: 'leased', commit: ''});
	remote.comeBack();
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.task('one')).toMatchObject({mergedCommit: remote.head(), failures: 0});
});

test('work that looks like a secret stays on its machine until a person lets it leave', async () => {
	const developer = `echo AKIA${'Q'.repeat(16)} >config.txt`;
	const {room, shared, remote, add} = await openInTeam({...agents, developer});
	const before = remote.refs();
	await add('one');
	await room.when('it asks', () => room.team().tasks.get('one')?.decision === 'checks');
	expect(room.task('one')).toMatchObject({
		stage: 'develop',
		waitReason: expect.stringMatching(/^stays on this machine: NOT YET: secret in config\.txt:1 /),
	});
	expect(remote.refs()).toBe(before);
	await room.must({type: 'approve', task: 'one'});
	// Reviewed like any other; that it may leave does not let it be merged.
	await room.when('its merge asks', () => room.task('one').stage === 'test' && room.task('one').decision === 'checks');
	expect(room.task('one')).toMatchObject({reviewedCommit: room.task('one').commit, cleared: ''});
	await room.when('it has left', () => shared().join() === room.task('one').commit);
	await room.must({type: 'approve', task: 'one'});
	await room.when('it is merged', () => room.task('one').state === 'merged');
});
