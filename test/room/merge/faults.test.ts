import {chmodSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {exitCodeOf} from '../../../source/commands/show/status.ts';
import {statusLine} from '../../../source/core/protocol/output.ts';
import type {RoomState} from '../../../source/room/parts/state.ts';
import {expectGreenBase} from '../../helpers/base-history.ts';
import {standingFor} from '../../helpers/cases.ts';
import {coordinationOn, joins} from '../../helpers/coordination.ts';
import {DEV_1, type EngineOptions, openEngine, type TestRoom, WRITES} from '../../helpers/engine.ts';
import {letGitRunApart, letGitRunHere} from '../../helpers/git-apart.ts';
import {startTestRedis} from '../../helpers/redis.ts';

const openMerges = ({config = {}, ...options}: Partial<EngineOptions> = {}): Promise<TestRoom> =>
	openEngine({
		agents: {developer: [WRITES, WRITES, WRITES], 'test-orchestrator': ['', '', '']},
		...options,
		config: {review: 'off', ...config},
	});
const add = async (room: TestRoom, ids: readonly string[]): Promise<void> => {
	await room.must({type: 'add-plan', tasks: ids.map((id, at) => ({title: id, id, priority: 90 - at}))});
};
const areMerged = (room: TestRoom, ids: readonly string[]): boolean => ids.every(id => room.team().tasks.get(id)?.state === 'merged');

/**
 * A git that is killed before it moves the base (`merge --ff-only`), or just after it has: once, as long as the file `$D/kill-<when>` is there.
 */
const deadlyGit = (room: TestRoom): string => {
	const folder = join(room.folder, 'bin');
	mkdirSync(folder, {recursive: true});
	const file = join(folder, 'git');
	writeFileSync(
		file,
		[
			'#!/bin/sh',
			`D='${room.folder}'`,
			'real=/usr/bin/git',
			'case " $* " in',
			'*" merge --ff-only "*)',
			'	if [ -e "$D/kill-before" ]; then rm "$D/kill-before"; touch "$D/killed-before"; kill -9 $$; fi',
			'	"$real" "$@"; code=$?',
			'	if [ -e "$D/kill-after" ]; then rm "$D/kill-after"; touch "$D/killed-after"; kill -9 $$; fi',
			'	exit $code ;;',
			'esac',
			'exec "$real" "$@"',
			'',
		].join('\n'),
	);
	chmodSync(file, 0o755);
	return folder;
};

test.each(standingFor(['before', 'after'], when => when === 'after'))(
	'a git that is killed %s it moves the base: every car is merged once or goes back, none is lost or tested for nothing',
	async when => {
		const ids = ['one', 'two', 'three'];
		const room = await openMerges({config: {test: 'while [ ! -e "$D/run" ]; do sleep 0.02; done'}});
		const path = process.env.PATH ?? '';
		// The process that runs git for the rooms of tests has the PATH of its start.
		letGitRunHere();
		process.env.PATH = `${deadlyGit(room)}:${path}`;
		try {
			room.touch(`kill-${when}`);
			await add(room, ids);
			await room.when('all are tested at once', () =>
				ids.every(id => room.team().tasks.get(id)?.stage === 'test' && room.team().tasks.get(id)?.candidate),
			);
			room.touch('run');
			await room.when('all are merged', () => areMerged(room, ids));
		} finally {
			process.env.PATH = path;
			letGitRunApart();
		}
		expect(room.read(`killed-${when}`)).toBe('');
		await room.when('it was killed', () => statSync(join(room.folder, `killed-${when}`)).isFile());
		expectGreenBase(room.repository.root, 'true', ids);
		for (const id of ids) expect(room.task(id)).toMatchObject({failures: 0, removals: 0});
		expect(room.events.filter(({type}) => type === 'task_merged')).toHaveLength(3);
		expect(room.events.filter(({type, text}) => type === 'task_claimed' && text === 'test')).toHaveLength(3);
	},
);

test('a test that prints many megabytes keeps its beginning and its end in the log, fails as any other, and slows nobody', async () => {
	const flood = 'echo the head line; head -c 40000000 /dev/zero | tr "\\\\0" "x" | fold -w 100; echo the last line; ! ls one.txt';
	const room = await openMerges({config: {test: flood, testRetries: 0, attempts: 1}});
	await add(room, ['one']);
	await room.when('it is ejected', () => room.team().tasks.get('one')?.state === 'failed', 300_000);
	const {testLog, last: end} = room.task('one');
	const file = join(dirname(room.folder), 's', 'logs', testLog);
	expect(statSync(file).size).toBeLessThan(6 * 1024 * 1024);
	const text = readFileSync(file, 'utf8');
	expect(text).toContain('the head line');
	expect(text).toContain('bytes left out');
	expect(end).toContain('the last line');
	// Leases last 3 s: a room that had stood still for them would have lost one.
	expect(room.events.filter(({type}) => type === 'task_reclaimed')).toEqual([]);
}, 400_000);

test('a test that hangs is ended at its time limit with all that it has started, and is not given the time again', async () => {
	const hang = 'ls one.txt 2>/dev/null || exit 0; echo run >>"$D/runs"; (trap "" TERM; sleep 600) & sleep 600';
	const room = await openMerges({config: {test: hang, testTimeout: '500ms', attempts: 1}});
	await add(room, ['one']);
	await room.when('it is ejected', () => room.team().tasks.get('one')?.state === 'failed');
	expect(room.read('runs')).toBe('run');
	expect(room.task('one')).toMatchObject({removals: 1, testExit: -1, reason: expect.stringMatching(/^tests failed \(timed out after/)});
});

test('a commit of an agent on the base, against the rules, is a move by hand: told with its author, and the train is built on it', async () => {
	const room = await openMerges({
		config: {test: 'while [ ! -e "$D/run" ]; do sleep 0.02; done'},
	});
	await add(room, ['one', 'two']);
	await room.when('both are tested', () => ['one', 'two'].every(id => room.team().tasks.get(id)?.candidate));
	room.repository.write('rogue.txt', 'x\n');
	room.repository.git(['add', 'rogue.txt']);
	room.repository.git(['-c', `user.name=${DEV_1}`, 'commit', '--quiet', '-m', 'rogue', `--author=${DEV_1} <x@localhost>`]);
	await room.when('it is told', () => room.events.some(({type, text}) => type === 'base_moved' && text.includes(`${DEV_1}: rogue`)));
	room.touch('run');
	await room.when('all are merged', () => areMerged(room, ['one', 'two']));
	expectGreenBase(room.repository.root, 'true', ['one', 'two']);
});

test('a car of another room, whose candidate is in that room’s clone alone, is waited for without a busy loop, and the train goes on after it', async () => {
	const room = await openMerges({config: {test: 'true'}});
	const testers = ['agent:test:001', 'agent:test:002', 'agent:test:003'];
	await room.when('the team is there', () => testers.every(id => room.team().agents.has(id)));
	for (const agent of testers) await room.must({type: 'pause-agent', agent});
	await add(room, ['theirs', 'ours']);
	await room.when('both wait for their test', () => ['theirs', 'ours'].every(id => room.team().tasks.get(id)?.stage === 'test'));
	const connection = await room.connects();
	const other = coordinationOn(connection);
	const [OTHER, THEIRS] = ['room:other:1', 'agent:other:001'];
	await joins(other, THEIRS, 'test-orchestrator', [], OTHER);
	const claimed = await other.claim({agent: THEIRS, room: OTHER, leaseMs: 60_000, nonce: 'n', stages: ['test'], wanted: 'theirs'});
	if (claimed.code !== 'ok') throw new Error(claimed.code);
	const held = {agent: THEIRS, task: 'theirs', token: claimed.token};
	await other.progress(held, {candidate: 'f'.repeat(40), candidateBase: room.repository.head()}, '');
	await room.when('their car is known', () => room.task('theirs').candidate !== '');
	for (const agent of testers) await room.must({type: 'resume-agent', agent});
	const [beat] = room.store.getSnapshot().beats.values();
	await room.when('a beat later', () => room.store.getSnapshot().beats.values().next().value !== beat);
	const claims = (): number => room.events.filter(({type, agent}) => type === 'task_claimed' && testers.includes(agent)).length;
	expect(room.task('ours')).toMatchObject({stage: 'test', state: 'ready'});
	expect(claims()).toBe(0);
	await other.release({task: 'theirs', token: claimed.token, reason: 'gone', to: '', fields: {candidate: '', candidateBase: ''}});
	await room.when('both are merged', () => areMerged(room, ['theirs', 'ours']));
	expectGreenBase(room.repository.root, 'true', ['theirs', 'ours']);
});

test('a car that another room has tested, and whose candidate is gone with that room, is built and tested again', async () => {
	const room = await openMerges({config: {test: 'true'}});
	const testers = ['agent:test:001', 'agent:test:002', 'agent:test:003'];
	await room.when('the team is there', () => testers.every(id => room.team().agents.has(id)));
	for (const agent of testers) await room.must({type: 'pause-agent', agent});
	await add(room, ['theirs', 'ours']);
	await room.when('both wait for their test', () => ['theirs', 'ours'].every(id => room.team().tasks.get(id)?.stage === 'test'));
	const connection = await room.connects();
	const other = coordinationOn(connection);
	const [OTHER, THEIRS] = ['room:other:1', 'agent:other:001'];
	await joins(other, THEIRS, 'test-orchestrator', [], OTHER);
	const claimed = await other.claim({agent: THEIRS, room: OTHER, leaseMs: 60_000, nonce: 'n', stages: ['test'], wanted: 'theirs'});
	if (claimed.code !== 'ok') throw new Error(claimed.code);
	const held = {agent: THEIRS, task: 'theirs', token: claimed.token};
	const passed = {
		stage: 'test',
		next: 'merge',
		nextRole: 'repository-guardian',
		word: 'tested',
		counts: 'none',
		delayMs: 0,
		text: '',
	} as const;
	await other.complete({
		...held,
		...passed,
		fields: {candidate: 'f'.repeat(40), checked: 'f'.repeat(40), testedCommit: 'f'.repeat(40), candidateBase: room.repository.head()},
	});
	await other.updateAgent(THEIRS, {status: 'stopped'}, '');
	for (const agent of testers) await room.must({type: 'resume-agent', agent});
	await room.when('both are merged', () => areMerged(room, ['theirs', 'ours']));
	expect(room.task('theirs')).toMatchObject({failures: 0});
	expectGreenBase(room.repository.root, 'true', ['theirs', 'ours']);
});

test('a lock over the paths of a task keeps others from writing there, not what is written from its test and its landing', async () => {
	const room = await openMerges({config: {test: 'true'}, agents: {developer: [WRITES, WRITES], 'test-orchestrator': ''}});
	await room.when('the team is there', () => room.team().agents.has('agent:test:001'));
	await room.must({type: 'pause-agent', agent: 'agent:test:001'});
	await room.must({type: 'add-task', title: 'one', id: 'one', priority: 90, paths: ['src/**']});
	await room.must({type: 'add-task', title: 'two', id: 'two'});
	await room.when('both wait for their test', () => ['one', 'two'].every(id => room.team().tasks.get(id)?.stage === 'test'));
	await room.redis('SET', 'workflow:locks:path:src/**', 'agent:x', 'NX', 'EX', 600);
	await room.must({type: 'resume-agent', agent: 'agent:test:001'});
	await room.when('both are merged', () => areMerged(room, ['one', 'two']));
});

test('a car that cannot be built, since its commit is lost, says so and holds up nobody else', async () => {
	const room = await openMerges({config: {test: 'true'}, agents: {developer: [WRITES, WRITES], 'test-orchestrator': ''}});
	await room.when('the team is there', () => room.team().agents.has('agent:test:001'));
	await room.must({type: 'pause-agent', agent: 'agent:test:001'});
	await add(room, ['lost', 'two', 'three']);
	await room.when('all wait for their test', () => ['lost', 'two', 'three'].every(id => room.team().tasks.get(id)?.stage === 'test'));
	// As after a branch was deleted and what it held collected.
	await room.redis('HSET', 'workflow:tasks:status:lost', 'commit', 'f'.repeat(40));
	await room.must({type: 'resume-agent', agent: 'agent:test:001'});
	await room.when('the others are merged', () => areMerged(room, ['two', 'three']));
	expect(room.task('lost')).toMatchObject({stage: 'test', failures: 0});
	await room.when('it says why', () => room.task('lost').waitReason.includes('is no longer in the repository'));
});

test.each([
	{what: 'whose base is red', test: '! grep -qs wrong broken.txt', reason: /main is failing at \w{7}/, failingBase: 5},
	{what: 'without the test command', test: 'no-such-program-here', reason: /the test command was not found/, failingBase: 4},
])('a run $what ends and says why: nobody is there to mend it', async ({test: check, reason, failingBase}) => {
	const redis = await startTestRedis();
	onTestFinished(() => redis.stop());
	// Before the run begins, or it would find nothing to do.
	await (await redis.connect()).call('LPUSH', 'workflow:tasks:pending', 'task:implement:one');
	const options = {untilEmpty: true, redisUrl: redis.socketPath};
	const room = await openMerges({files: {'broken.txt': 'wrong\n'}, config: {test: check}, options});
	const ended = await room.room.ended;
	expect(exitCodeOf(statusLine((room.store as RoomState).getFresh(), Date.now()))).toBe(failingBase);
	expect(ended).toMatchObject({exitCode: 1, open: 1, failed: 0, reason: expect.stringMatching(reason)});
	expect(room.mergedCommit()).toEqual([]);
});
