import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {findRemote, sharedPrefix} from '../../../source/git/remote/remote.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import type {RemoteStore} from '../../../source/git/store/store.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {bringQueue, forgetUnneeded, sharingFirst, type Unneeded} from '../../../source/room/remote/share.ts';
import {temporaryFolder} from '../../helpers/cleanup.ts';
import {coordinationOn} from '../../helpers/coordination.ts';
import {APPROVES, openEngine, type Scripts, type TestRoom, WAITS, WRITES} from '../../helpers/engine.ts';
import {startTestRedis} from '../../helpers/redis.ts';
import {addRemote, type TestRemote} from '../../helpers/remote.ts';
import {createTestRepository} from '../../helpers/repository.ts';

const PREFIX = 'refs/agent-room/workflow/';

/** A room on a Redis that others may use too. */
const openInTeam = async (agents: Scripts, prepare: (remote: TestRemote) => void = () => undefined) => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
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
				.filter(line => line.startsWith(PREFIX) && !line.startsWith(`${PREFIX}team-`))
				.map(line => line.split(' ')[1]),
		banner: (pattern: RegExp) => room.store.getSnapshot().banners.some(({text}) => pattern.test(text)),
		add: (id: string) => room.must({type: 'add-task', title: id, id}),
	};
};

/** The room's own objects of another clone, which has nothing yet but what was pushed. */
const openAnother = async (room: TestRoom, remote: TestRemote) => {
	const second = join(temporaryFolder('clone'), 'p');
	room.repository.git(['clone', '--quiet', remote.folder, second]);
	const repository = await openRepository(second);
	const found = {...(await findRemote(repository, 'main')), shared: sharedPrefix('workflow')};
	return {guardian: await openGuardian({repository, folder: join(temporaryFolder('state'), 'guardian.git'), base: 'main', remote: found})};
};

const agents = {developer: WRITES, 'code-sentinel': APPROVES};

test('what is handed in, and what is built of it, is on the remote before Redis names it: another clone has it by its id', async () => {
	// The remote takes nothing of the team's before the test says so.
	const {room, remote, shared, add} = await openInTeam(agents, ({folder, hook}) =>
		hook(
			'update',
			`case "$1" in ${PREFIX}team-*) ;; ${PREFIX}*) touch ${folder}/asked; while [ ! -e ${folder}/go ]; do sleep 0.05; done;; esac`,
		),
	);
	await add('one');
	await room.when('it is pushed', () => remote.has('asked'));
	expect(room.task('one')).toMatchObject({stage: 'develop', state: 'leased', commit: ''});
	remote.write('go');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	const {commit, candidate, mergedCommit} = room.task('one');
	expect(shared().toSorted()).toEqual([commit, candidate].toSorted());
	expect(remote.head()).toBe(mergedCommit);

	const {guardian: other} = await openAnother(room, remote);
	expect(await bringQueue(other.store as RemoteStore, [{...room.task('one'), state: 'ready'}])).toBeUndefined();
	expect(await bringQueue(other.store as RemoteStore, [{...room.task('one'), state: 'ready', commit: '1'.repeat(40)}])).toEqual({
		task: 'one',
		reason: 'it is not there',
	});
	await other.importCommit(commit);
	expect(await other.commitOnBase({task: 'one', commit})).toBe(mergedCommit);
});

test('the candidates of a batch go in one push; one that may not leave stays with those built on it, and no other', async () => {
	const project = createTestRepository();
	const remote = addRemote(project);
	remote.hook('post-receive', `cat >/dev/null; echo . >>${remote.folder}/pushes`);
	const repository = await openRepository(project.root);
	const found = {...(await findRemote(repository, 'main')), shared: sharedPrefix('workflow')};
	const guardian = await openGuardian({repository, folder: join(project.stateFolder, 'guardian.git'), base: 'main', remote: found});
	const room = {
		facts: {guardian, config: configSchema.parse({}), log: () => undefined},
		record: {team: () => ({tasks: new Map()}), setBanner: () => undefined},
		lifecycle: {isRunning: () => true},
	} as unknown as Room;
	const joined: unknown[] = [];
	const team = {joinTestBatch: async (order: unknown) => joined.push(order)} as unknown as Coordination;
	/** Each on the one before. */
	const batch = async (files: readonly string[]): Promise<readonly string[]> => {
		const candidates: string[] = [];
		for (const [at, text] of files.entries()) {
			const commit = project.branch(`${joined.length}-${at}`, {[`${joined.length}-${at}.txt`]: text});
			const onto = candidates.at(-1) ?? (await guardian.baseHead());
			const built = await guardian.buildCandidate({commit, onto, task: 't', title: 'T', author: 'agent:dev:001'});
			if (built.kind === 'candidate') candidates.push(built.commit);
		}
		const [candidate = '', ...others] = candidates;
		const entries = others.map((other, at) => ({task: `t-${at}`, commit: '', candidate: other, candidateBase: ''}));
		const order = {agent: 'agent:test:001', task: 't', token: '1:t', leaseMs: 1000, candidate, candidateBase: '', entries};
		await sharingFirst(team, () => room).joinTestBatch(order);
		return candidates;
	};
	const pushes = (): number => readFileSync(join(remote.folder, 'pushes'), 'utf8').split('\n').length - 1;
	const isThere = (commit: string): boolean => remote.refs().includes(`/${commit} `);
	const whole = await batch(['a\n', 'b\n', 'c\n']);
	expect([whole.map(isThere), pushes()]).toEqual([[true, true, true], 1]);
	const kept = await batch(['d\n', `AKIA${'Q'.repeat(16)}\n`, 'e\n']);
	expect(kept.map(isThere)).toEqual([true, false, false]);
	expect(joined).toHaveLength(2);
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

test('a remote that is full keeps work waiting in its own words, and takes it once it has room', async () => {
	const {room, remote, banner, add} = await openInTeam(agents);
	remote.hook('pre-receive', 'cat >/dev/null; echo "No space left on device" >&2; exit 1');
	await add('one');
	await room.when('it is said', () => banner(/^origin does not take the work of agents: No space left on device.*It waits here\.$/));
	expect(room.task('one')).toMatchObject({state: 'leased', commit: ''});
	remote.hook('pre-receive', undefined);
	await room.when('it is merged', () => room.task('one').state === 'merged');
	expect(room.task('one').failures).toBe(0);
});

test('work that looks like a secret stays on its machine until a person lets it leave', async () => {
	const developer = `echo AKIA${'Q'.repeat(16)} >config.txt`;
	const {room, shared, remote, add} = await openInTeam({...agents, developer});
	const before = remote.refs();
	await add('one');
	await room.when('it asks', () => room.team().tasks.get('one')?.decision === 'checks');
	expect(room.task('one')).toMatchObject({
		stage: 'develop',
		waitReason: expect.stringMatching(/^stays on this machine: NOT READY: possible secret in config\.txt:1 /),
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

test('what no unfinished task needs goes off the remote at the second look, and nothing that is worked on', async () => {
	const {room, remote, shared, add} = await openInTeam({...agents, 'code-sentinel': `${WAITS}\n${APPROVES}`});
	await add('one');
	await room.when('it is reviewed', () => room.has('at-one-1'));
	await add('two');
	await room.when('the other is handed in', () => room.task('two').commit !== '');
	const {guardian} = await openAnother(room, remote);
	const parts = {
		facts: {guardian, log: () => undefined},
		link: {coordination: coordinationOn(await room.connects()), retryUntilWritten: <T>(write: () => Promise<T>) => write()},
	};
	const unneeded: Unneeded = new Set();
	const look = (): Promise<void> => forgetUnneeded(parts as unknown as Room, unneeded);
	await look();
	await look();
	expect(shared().toSorted()).toEqual([room.task('one').commit, room.task('two').commit].toSorted());
	room.touch('go-one');
	await room.when('it is merged', () => room.task('one').state === 'merged');
	await look();
	expect(shared()).toHaveLength(3);
	await look();
	expect(shared()).toEqual([room.task('two').commit]);
	room.touch('go-two');
});
