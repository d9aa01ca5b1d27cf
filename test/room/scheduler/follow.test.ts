import {expect, test} from 'vitest';
import type {RecordRange} from '../../../source/core/team/replay.ts';
import {openEngine} from '../../helpers/engine.ts';

/** One order, then many entries that say nothing, all in one step: nobody can read the first before the last is written. */
const WRITE = `
redis.call('HSET', KEYS[2], 'drained', ARGV[2])
redis.call('XADD', KEYS[1], '*', 'type', 'control_changed', 'task', '', 'agent', '', 'text', 'ordered', 'c:drained', ARGV[2])
for index = 1, tonumber(ARGV[1]) do
	redis.call('XADD', KEYS[1], 'MAXLEN', '~', 20000, '*', 'type', 'noise', 'task', '', 'agent', '', 'text', '')
end`;

test('a room that finds its place in the record trimmed away looks at the whole again, and never goes on with a gap', async () => {
	const room = await openEngine({agents: {developer: 'exit 0'}, config: {review: 'off'}});
	const write = (entries: number, isDrained: boolean) =>
		room.redis('EVAL', WRITE, 2, 'workflow:events', 'workflow:control', entries, isDrained ? 1 : 0);
	await write(10, false);
	await room.when('what was written is read', () => room.events.filter(({type}) => type === 'noise').length === 10);
	// The order is trimmed before the room can read it.
	await write(25_000, true);
	await room.when('the order is known', () => room.team().control.drained);
	const ids = room.events.map(({id}) => id);
	expect(new Set(ids).size).toBe(ids.length);
	// The same behind a lost connection.
	const [killed] = await Promise.all([room.redis('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'), write(25_000, false)]);
	expect(Number(killed)).toBeGreaterThan(0);
	await room.when('the order is known', () => !room.team().control.drained);
	expect(new Set(room.events.map(({id}) => id)).size).toBe(room.events.length);
	// What was trimmed before a checkpoint was written cannot be followed; the room writes one at once.
	await room.when('there is a checkpoint', async () => {
		const {data} = await room.call({op: 'replay'});
		return room.team().streamId === (data as RecordRange).newest?.id;
	});
});

test('a room keeps its record followable: what was trimmed is in its checkpoints', async () => {
	const room = await openEngine({agents: {developer: 'exit 0'}, config: {review: 'off'}});
	const range = async () => (await room.call({op: 'replay'})).data as RecordRange;
	expect((await range()).checkpoints).toBe(0);
	for (let round = 1; round <= 11; round++) {
		await room.redis('EVAL', WRITE, 2, 'workflow:events', 'workflow:control', 2000, round % 2);
		await room.when(
			`checkpoint ${round}`,
			async () => Number(await room.redis('ZCOUNT', 'workflow:checkpoints', round * 2000, '+inf')) > 0,
		);
	}
	const {oldest, checkpoints, entries} = await range();
	expect(entries).toBeLessThan(20_200);
	expect(checkpoints).toBeGreaterThanOrEqual(9);
	const {data} = await room.call({op: 'replay', at: {id: oldest?.id ?? '', at: oldest?.at ?? 0}});
	expect(data).toMatchObject({moment: {id: oldest?.id}, agents: [{id: 'agent:dev:001', status: 'idle'}, {}, {}]});
	expect(await room.call({op: 'replay', at: {id: '', at: (oldest?.at ?? 0) - 60_000}})).toMatchObject({ok: false, code: 'too-old'});
});
