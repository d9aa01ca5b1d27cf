import {beforeEach, describe, expect, test} from 'vitest';
import {STAGES} from '../../../source/core/task/task.ts';
import type {Claimed, Coordination} from '../../../source/core/team/coordination.ts';
import {reduce} from '../../../source/core/team/snapshot.ts';
import {claims, completion, coordinationOn, joins, nextNonce, submission, takes} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;
let namespace = '';

const DEVELOPERS = ['agent:dev:001', 'agent:dev:002', 'agent:dev:003'];
const OTHER = 'agent:dev:009';

beforeEach(async () => {
	namespace = `{${server.newNamespace()}}`;
	team = coordinationOn(server.connection, namespace);
	for (const id of DEVELOPERS) await joins(team, id, 'developer', [], 'r1', 'work');
	await joins(team, OTHER, 'developer', [], 'r1', 'home');
	await team.heartbeat({room: 'r1', leaseMs: 60_000, ttlMs: 60_000, agents: [...DEVELOPERS, OTHER], held: []});
});

const snapshot = async () => (await team.snapshot()).team;
const ownerOf = async (id: string) => (await snapshot()).tasks.get(id)?.owner;
const rateLimit = async () => (await snapshot()).control.rateLimits.find(({account}) => account === 'work');
const refused = (agent: string, retryMs = 0, account = 'work') => team.throttle({account, agent, retryMs, reason: 'too many requests'});
const waits = (agent: string) => team.claim({agent, room: 'r1', leaseMs: 60_000, nonce: nextNonce(), stages: STAGES, waits: true});
/** As if its time had come. */
const passes = async (): Promise<void> => {
	const known = await rateLimit();
	if (!known) throw new Error('there is no brake');
	const past = `${known.at - 700_000} 1 ${known.level} ${known.by} ${known.probe || '-'} ${known.reason}`.replace(/^\d+/, '0');
	await server.connection.call('HSET', `${namespace}:control`, 'rateLimit:work', past.replace(' 1 ', ` ${Date.now() - 1} `));
};

describe('an account that was refused for now', () => {
	test('gives nothing to any of its agents, and takes nothing from those who work; others go on', async () => {
		const [first = '', second = '', third = ''] = DEVELOPERS;
		for (const id of ['a', 'b', 'c']) await team.submit(submission({id}));
		const working = await takes(team, second);
		await refused(first);
		expect(await claims(team, third)).toEqual({code: 'throttled'});
		expect(await claims(team, third, {wanted: 'b'})).toEqual({code: 'throttled'});
		expect(await team.renew({agent: second, task: working.task.id, token: working.token}, 60_000)).toBe('ok');
		expect((await takes(team, OTHER)).task.id).toBe('b');
		expect(await rateLimit()).toMatchObject({by: first, level: 1, reason: 'too many requests', probe: ''});
	});

	test('hands out nothing to who waits, whatever becomes ready, also with a result', async () => {
		const [first = '', second = ''] = DEVELOPERS;
		await waits(second);
		await refused(first);
		await team.submit(submission({id: 'a'}));
		expect(await ownerOf('a')).toBe('');
		await team.clearRateLimit('work');
		expect(await ownerOf('a')).toBe(second);
		await refused(first);
		await team.submit(submission({id: 'b'}));
		const {token, task} = {token: (await snapshot()).tasks.get('a')?.token ?? '', task: 'a'};
		const held = {code: 'ok', task: {id: task, owner: second, stage: 'develop'}, token, leaseUntil: 0} as unknown as Claimed;
		const nextCall = {leaseMs: 60_000, nonce: nextNonce(), stages: STAGES};
		expect(await team.complete(completion(held, {next: 'merged', nextRole: '', nextCall}))).toEqual({code: 'ok'});
		expect(await ownerOf('b')).toBe('');
	});

	test('waits twice as long each time in a row, ten minutes at most, or as long as it is told', async () => {
		const lengths: number[] = [];
		for (let turn = 0; turn < 7; turn++) {
			await refused('agent:dev:001');
			const known = await rateLimit();
			lengths.push(Math.round(((known?.until ?? 0) - (known?.at ?? 0)) / 1000));
			await passes();
		}
		expect(lengths).toEqual([30, 60, 120, 240, 480, 600, 600]);
		await refused('agent:dev:001', 7_200_000);
		const told = await rateLimit();
		expect((told?.until ?? 0) - (told?.at ?? 0)).toBe(7_200_000);
	});

	test.each([
		[37_400.6, 37_401],
		[-5, 30_000],
		[Number.NaN, 30_000],
		[1e15, 604_800_000],
	])('takes a time of %s ms as one of %s', async (told, waits) => {
		await refused('agent:dev:001', told);
		const known = await rateLimit();
		expect((known?.until ?? 0) - (known?.at ?? 0)).toBe(waits);
	});

	test('is refused once however many of its agents run into it; a later end counts', async () => {
		await refused('agent:dev:001');
		const before = await rateLimit();
		await refused('agent:dev:002');
		expect(await rateLimit()).toEqual(before);
		await refused('agent:dev:002', 3_600_000);
		expect(await rateLimit()).toMatchObject({level: 1, by: 'agent:dev:002'});
		expect((await rateLimit())?.until).toBeGreaterThan((before?.until ?? 0) + 3_000_000);
	});

	test('comes back by itself: at its end one agent goes ahead, the others follow once it was answered', async () => {
		const [first = '', second = '', third = ''] = DEVELOPERS;
		for (const id of [second, third]) await waits(id);
		await refused(first);
		for (const id of ['a', 'b']) await team.submit(submission({id}));
		await team.sweep();
		expect([await ownerOf('a'), await ownerOf('b')]).toEqual(['', '']);
		await passes();
		await team.sweep();
		expect([await ownerOf('a'), await ownerOf('b')]).toEqual([second, '']);
		expect(await rateLimit()).toMatchObject({probe: second});
		expect(await claims(team, first)).toEqual({code: 'throttled'});
		const token = (await snapshot()).tasks.get('a')?.token ?? '';
		await team.recordUsage({task: 'a', agent: second, token, micros: 0, tokensIn: 5, tokensOut: 1});
		expect(await ownerOf('b')).toBe(third);
		expect(await rateLimit()).toBeUndefined();
	});

	test('follows after a minute whatever became of the one that went ahead; who runs into it again, makes it longer', async () => {
		const [first = '', second = '', third = ''] = DEVELOPERS;
		await refused(first);
		await passes();
		for (const id of ['a', 'b']) await team.submit(submission({id}));
		await takes(team, second);
		expect(await claims(team, third)).toEqual({code: 'throttled'});
		await refused(second);
		expect(await rateLimit()).toMatchObject({level: 2, probe: '', by: second});
		await passes();
		const claimed = await takes(team, third);
		await team.release({task: claimed.task.id, token: claimed.token, reason: 'crashed', to: '', fields: {}});
		await waits(first);
		expect(await ownerOf('b')).toBe('');
		await passes();
		await team.sweep();
		expect(await ownerOf('b')).toBe(first);
		expect(await rateLimit()).toBeUndefined();
	});

	test('that was lifted and is refused again soon begins where it was; lifted by a person it begins anew', async () => {
		const [first = ''] = DEVELOPERS;
		await refused(first);
		await passes();
		await team.submit(submission({id: 'a'}));
		const claimed = await takes(team, first);
		await team.complete(completion(claimed, {next: 'merged', nextRole: ''}));
		expect(await rateLimit()).toBeUndefined();
		await refused(first);
		expect(await rateLimit()).toMatchObject({level: 2});
		expect(await team.clearRateLimit('work')).toBe('ok');
		expect(await team.clearRateLimit('work')).toBe('gone');
		await refused(first);
		expect(await rateLimit()).toMatchObject({level: 1});
	});

	test('is over at once by a clock that was set back, and nothing that an outsider wrote there is in the way', async () => {
		const [first = '', second = ''] = DEVELOPERS;
		const at = Date.now() + 3_600_000;
		await server.connection.call(
			'HSET',
			`${namespace}:control`,
			'rateLimit:work',
			`${at} ${at + 30_000} 1 ${first} - limit`,
			'rateLimit:home',
			'rubbish',
		);
		for (const id of ['a', 'b']) await team.submit(submission({id}));
		expect((await takes(team, second)).task.id).toBe('a');
		expect((await takes(team, OTHER)).task.id).toBe('b');
		await team.sweep();
	});

	test('is named in whatever way a configuration calls it', async () => {
		await joins(team, 'agent:dev:010', 'developer', [], 'r1', 'my account: "1"');
		await team.submit(submission({id: 'a'}));
		await refused('agent:dev:010', 0, 'my account: "1"');
		expect(await claims(team, 'agent:dev:010')).toEqual({code: 'throttled'});
		expect(await team.clearRateLimit('my account: "1"')).toBe('ok');
	});
});

describe('what is used up', () => {
	const spentOf = async () => {
		const {tasks, features, agents, control} = await snapshot();
		return [tasks.get('a')?.spent, features.get('f')?.spent, agents.get('agent:dev:001')?.spent, control.spent];
	};
	const says = (claimed: Claimed, micros: number, counter = 'claude s1') =>
		team.recordUsage({
			task: 'a',
			agent: claimed.task.owner,
			token: claimed.token,
			micros,
			tokensIn: micros * 2,
			tokensOut: micros,
			counter,
		});

	test('of a running total only what it grew by counts: said again, late, by a resumed session', async () => {
		await team.submit(submission({id: 'a', feature: 'f'}));
		const first = await takes(team, 'agent:dev:001');
		for (const total of [10, 10, 25, 20, 25]) await says(first, total);
		expect(await spentOf()).toEqual([25, 25, 25, 25]);
		await team.reclaim({task: 'a', token: first.token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}});
		const second = await takes(team, 'agent:dev:001');
		await says(second, 25);
		await says(second, 31);
		expect(await says(first, 60)).toBe('stale');
		expect(await spentOf()).toEqual([31, 31, 31, 31]);
	});

	test('is known by the quarter of an hour, in the snapshot as in the fold of the record', async () => {
		await team.submit(submission({id: 'a'}));
		const before = await snapshot();
		const first = await takes(team, 'agent:dev:001');
		const old = Math.floor(Date.now() / 900_000);
		await server.connection.call('HSET', `${namespace}:control`, 'quarters', `${old - 200}:5 ${old - 100}:7 nonsense`);
		await says(first, 10);
		await says(first, 25);
		const {spending, streamId, tasks} = await snapshot();
		expect(spending.slice(0, 1)).toEqual([{quarter: old - 100, micros: 7}]);
		expect(spending.slice(1).reduce((sum, {micros}) => sum + micros, 0)).toBe(25);
		const folded = reduce(before, await team.events(before.streamId, 100));
		expect([folded.streamId, folded.spending]).toEqual([streamId, spending.slice(1)]);
		// What it took counts from the first claim on.
		expect(tasks.get('a')?.startedAt).toBeGreaterThanOrEqual(tasks.get('a')?.createdAt ?? 0);
	});

	test('of a counter that began anew with the next attempt all counts, and an earlier one that is late counts nothing', async () => {
		await team.submit(submission({id: 'a', feature: 'f'}));
		const first = await takes(team, 'agent:dev:001');
		await says(first, 100);
		await team.reclaim({task: 'a', token: first.token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}});
		const second = await takes(team, 'agent:dev:001');
		await says(second, 7);
		await says(first, 110);
		await says(second, 9);
		expect(await spentOf()).toEqual([109, 109, 109, 109]);
		// It may grow beyond what it was before in one step: that it began at nothing says so.
		await team.reclaim({task: 'a', token: second.token, reason: '', isProven: true, counts: false, delayMs: 0, fields: {}});
		const third = await takes(team, 'agent:dev:001');
		await says(third, 0);
		await says(third, 50);
		expect(await spentOf()).toEqual([159, 159, 159, 159]);
	});

	test('reaches the budget by what a session reports, and then no new work starts', async () => {
		await team.control({budgetMicros: 50}, '');
		for (const id of ['a', 'b']) await team.submit(submission({id}));
		const claimed = await takes(team, 'agent:dev:001');
		await says(claimed, 49);
		expect((await team.snapshot()).team.control).toMatchObject({budget: 50, spent: 49});
		await says(claimed, 50);
		expect(await claims(team, 'agent:dev:002')).toEqual({code: 'over-budget'});
	});
});
