import {existsSync, readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect, test} from 'vitest';
import {openEngine, WAITS, WRITES} from '../../helpers/engine.ts';
import {ofTest} from '../../helpers/fleet-of-test.ts';
import {FLEET_PASSWORD, isInStep, SENTINEL_PASSWORD, startSentinelFleet} from '../../helpers/redis-fleet.ts';
import {until} from '../../helpers/wait.ts';

test('what a failover loses of a team comes back from its journal by itself: who still has a lease goes on, what was taken since is done again, once', async () => {
	const fleet = await startSentinelFleet(ofTest);
	const ca = readFileSync(fleet.ca ?? '', 'utf8');
	const room = await openEngine({
		agents: {developer: Array.from({length: 2}, () => `echo first >"$AGENT_ROOM_TASK.draft"\n${WAITS}\n${WRITES}`)},
		config: {review: 'off'},
		options: {redisUrl: fleet.url, redisAccess: {password: FLEET_PASSWORD, sentinelPassword: SENTINEL_PASSWORD, ca}},
	});
	const add = (id: string, more: object = {}) => room.must({type: 'add-task', title: `Task ${id}`, id, ...more});
	const journal = (): string => readFileSync(join(dirname(room.folder), 's', 'journal', 'workflow.jsonl'), 'utf8');
	await add('a');
	await room.when('the work of a', () => room.has('at-a-1') && room.task('a').worktree !== '');
	const {token} = room.task('a');
	const [first, copy] = fleet.pair;
	// A room that has not yet asked whose data these are, which it does once a second, can prove nothing.
	const name = /master_replid:(\w+)/.exec(String(await first.ask('INFO', 'replication')))?.[1] ?? '';
	const known = join(dirname(room.folder), 's', 'epoch-workflow.json');
	await room.when('it knows the server', () => existsSync(known) && readFileSync(known, 'utf8').includes(name));
	// From here on the copy learns nothing more.
	await until(async () => await copy.ask('HEXISTS', 'workflow:tasks:status:a', 'worktree'), {what: 'the copy of a'});
	await copy.ask('CONFIG', 'SET', 'masterauth', 'not it');
	await copy.ask('CLIENT', 'KILL', 'TYPE', 'master');
	await until(async () => !(await isInStep(copy)), {what: 'the end of the copy'});
	await add('c', {description: 'a long text'});
	await add('d', {after: ['c']});
	await room.when('the work of c', () => room.has('at-c-1') && room.task('c').worktree !== '');
	await room.when('its journal', () => journal().includes(room.task('c').worktree) && journal().includes('"d"'));
	const lost = room.task('c').token;
	await first.kill();

	await room.when('the loss', () => room.team().control.recovery !== '');
	await room.when('work that goes on', () => room.team().control.recovery === '' && !room.team().control.frozen && room.has('at-c-2'));
	expect(room.task('a').token).toBe(token);
	expect(Number.parseInt(room.task('c').token, 10)).toBeGreaterThan(Number.parseInt(lost, 10));
	expect(await room.call({op: 'explain', id: 'c'})).toMatchObject({data: {task: {description: 'a long text'}}});
	expect(room.team().events.map(({text}) => text)).toContainEqual(
		expect.stringMatching(/^what the failover lost was in the journals, and work continues: 2 unfinished tasks, 1 with work$/),
	);
	for (const id of ['a', 'c', 'd']) room.touch(`go-${id}`);
	await room.when('every merge', () => ['a', 'c', 'd'].every(id => room.task(id).state === 'merged'));
	expect([...room.mergedCommit()].toSorted()).toEqual(['a', 'c', 'd']);
	expect(['a', 'c', 'd'].map(id => room.task(id).attempt)).toEqual([1, 2, 1]);
	// What stood in its worktree without a commit is part of what its successor made.
	expect(room.repository.git(['show', 'main:c.draft'])).toBe('first');
});
