import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {RoomEvent} from '../../../source/core/event/event.ts';
import {eventMatcher} from '../../../source/core/event/words.ts';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import type {RedisConnection} from '../../../source/redis/connection.ts';
import {createCoordination} from '../../../source/redis/coordination.ts';
import {createPast} from '../../../source/room/requests/history.ts';
import type {PastRoom, Target} from '../../../source/store/history.ts';
import {nextOpId} from '../../helpers/coordination.ts';
import {createHistory} from '../../helpers/history.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';

const EVERYTHING = {text: '', hasQuiet: true};

let redis: TestRedis;
let connection: RedisConnection;
let team: Coordination;
let events: readonly RoomEvent[];

beforeAll(async () => {
	redis = await startTestRedis(['--appendfsync', 'no']);
	connection = await redis.connect();
	team = createCoordination({connection, namespace: 'past', newOpId: nextOpId, checkpointInterval: 200});
	const history = await createHistory(team, connection, 'past', 11);
	for (let round = 0; round < 14; round++) {
		await history.work(100);
		await history.fill(60);
		await team.record.keep();
	}
	await history.work(40);
	events = await team.events('0-0', 10_000);
});
afterAll(() => redis.stop());

const past = () => createPast(team.record, () => undefined);
const seen = async (to: Target, through = past(), filter = EVERYTHING): Promise<PastRoom> => {
	const found = await through.look(to, filter);
	if (!found || found === 'gone') throw new Error(`${JSON.stringify(to)} is ${found ?? 'not answered'}`);
	return found;
};
const state = ({streamId, at, tasks, counts, agents, locks, waiters, control, features, events: last}: TeamSnapshot): object => ({
	...{streamId, at, tasks, counts, agents, locks, waiters, control, features},
	last: last.map(({id}) => id),
});

describe('looking back', () => {
	test('shows the same as folding the record anew, wherever one comes from', async () => {
		expect((await team.record.range()).checkpoints).toBeGreaterThan(3);
		const through = past();
		let seed = 4;
		const random = (most: number): number => {
			seed = (seed * 48_271) % 2_147_483_647;
			return seed % most;
		};
		for (let step = 0; step < 60; step++) {
			const {id = ''} = events[step % 3 === 0 ? random(events.length) : Math.max(0, events.length - 1 - step * 7)] ?? {};
			const {team: then, moment} = await seen({from: id, steps: 0}, through);
			const anew = await team.record.stateAt(moment);
			expect(moment.id).toBe(id);
			if (anew === 'gone') throw new Error(`${id} is gone`);
			// A moment at which a checkpoint was made is folded from that one alone here, and there perhaps from the one before: then it has entries.
			const last = anew.team.events.length > 0 ? {} : {last: []};
			expect({...state(then), ...last}).toEqual(state(anew.team));
		}
	});

	test('goes from entry to entry of those that pass the filter, and not beyond the ends', async () => {
		const filter = {text: 'k:claimed', hasQuiet: false};
		const claims = events.filter(eventMatcher(filter));
		expect(claims.length).toBeGreaterThan(30);
		const at = Math.floor(claims.length / 2);
		const {id = ''} = claims[at] ?? {};
		const {moment, before, after} = await seen({from: id, steps: 3}, past(), filter);
		expect(moment.id).toBe(claims[at + 3]?.id);
		expect([before.at(-1)?.id, before.at(-2)?.id, after[0]?.id]).toEqual([claims[at + 3]?.id, claims[at + 2]?.id, claims[at + 4]?.id]);
		expect((await seen({from: id, steps: -2}, past(), filter)).moment.id).toBe(claims[at - 2]?.id);
		expect((await seen({from: id, steps: -500}, past())).moment.id).toBe(
			events[Math.max(0, events.findIndex(event => event.id === id) - 500)]?.id,
		);
		expect((await seen({from: '0-0', steps: 0})).moment.id).toBe(events[0]?.id);
		expect((await seen({from: events[0]?.id ?? '', steps: -1})).moment.id).toBe(events[0]?.id);
		expect((await seen({from: '', steps: 0})).moment.id).toBe(events.at(-1)?.id);
		expect((await seen({from: events.at(-1)?.id ?? '', steps: 1})).moment.id).toBe(events.at(-1)?.id);
	});

	test('stands between two entries at what was last, and within the record at any time', async () => {
		const {id = '', at = 0} = events[events.length >> 1] ?? {};
		const last = events.findLast(event => event.at <= at)?.id;
		expect((await seen({at})).moment).toEqual({id: last, at});
		expect((await seen({at: 1})).moment.id).toBe(events[0]?.id);
		expect((await seen({at: at + 1e9})).moment.id).toBe(events.at(-1)?.id);
		expect(id).not.toBe('');
	});

	test('reads the record in pages from both sides, each entry once', async () => {
		const through = past();
		const back: string[] = [];
		for (let from = ''; ; ) {
			const page = await through.entries(from, 'older', EVERYTHING, 300);
			back.unshift(...(page?.entries ?? []).map(({id}) => id));
			from = page?.reached ?? '';
			if (page?.isEnd !== false) break;
		}
		expect(back).toEqual(events.map(({id}) => id));
		const page = await through.entries(events[9]?.id ?? '', 'newer', EVERYTHING, 5);
		expect(page?.entries.map(({id}) => id)).toEqual(events.slice(10, 15).map(({id}) => id));
		const none = await through.entries('', 'older', {text: 'no such word', hasQuiet: true}, 5);
		expect(none).toMatchObject({entries: [], isEnd: true});
	});

	test('says nothing instead of failing while Redis is away, and that what was trimmed is gone', async () => {
		const lost: string[] = [];
		const away = createPast(
			{...team.record, range: () => Promise.reject(new Error('away')), next: () => Promise.reject(new Error('away'))},
			line => lost.push(line),
		);
		expect(await away.look({from: '', steps: 0}, EVERYTHING)).toBeUndefined();
		expect(await away.entries('', 'older', EVERYTHING, 5)).toBeUndefined();
		expect(lost).toHaveLength(2);
		const empty = createCoordination({connection, namespace: 'nothing', newOpId: nextOpId});
		expect(await createPast(empty.record, () => undefined).look({from: '', steps: 0}, EVERYTHING)).toBe('gone');
		await connection.call('XTRIM', 'past:events', 'MINID', events[events.length >> 1]?.id ?? '');
		const oldest = (await seen({from: '0-0', steps: 0})).moment.id;
		expect(events.findIndex(({id}) => id === oldest)).toBeGreaterThanOrEqual(events.length >> 1);
		expect((await seen({from: events[3]?.id ?? '', steps: 0})).moment.id).toBe(oldest);
	});
});
