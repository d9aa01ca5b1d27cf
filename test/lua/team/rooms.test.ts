import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import type {Joined, Joining} from '../../../source/core/team/rooms.ts';
import {coordinationOn, joins} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const server = serverOfFile();
let team: Coordination;

beforeEach(() => {
	team = coordinationOn(server.connection, server.newNamespace());
});

const LAPTOP = {room: 'room:lap:1', machine: 'm1', boot: 'b1', host: 'laptop'};
const BIG = {room: 'room:big:1', machine: 'm2', boot: 'b2', host: 'big-1.example.org'};
const joining = (given: Partial<Joining>): Promise<Joined> =>
	team.joinTeam({
		...LAPTOP,
		...{version: '0.1.0', base: 'main', test: 'npm test', leaseMs: 15_000, ttlMs: 30_000, merge: 'push', replaces: ''},
		...given,
	});
const numbers = (room: string, short: string, slots: readonly number[], held: readonly number[] = []): Promise<readonly number[]> =>
	team.nameAgents(
		room,
		slots.map((slot, at) => ({short, slot, number: held[at] ?? 0})),
	);

describe('numbers of agents', () => {
	test('are kept by the slots of a room and given to nobody else', async () => {
		expect(await numbers('room:lap', 'dev', [1, 2])).toEqual([1, 2]);
		expect(await numbers('room:big', 'dev', [1, 2, 3])).toEqual([3, 4, 5]);
		expect(await numbers('room:big', 'rev', [1])).toEqual([1]);
		expect(await numbers('room:lap', 'dev', [1, 2, 3])).toEqual([1, 2, 6]);
	});

	test('whose id somebody took by hand are left out', async () => {
		await joins(team, 'agent:dev:001', 'developer', [], 'by-hand');
		expect(await numbers('room:lap', 'dev', [1])).toEqual([2]);
	});

	test('that Redis has lost stay with who has them, as far as nobody else was given them meanwhile', async () => {
		expect(await numbers('room:big', 'dev', [1, 2], [3, 4])).toEqual([3, 4]);
		expect(await numbers('room:lap', 'dev', [1, 2], [1, 4])).toEqual([1, 5]);
	});
});

describe('joining a team', () => {
	test('a machine keeps its name, and two of one name are told apart', async () => {
		expect(await joining({})).toEqual({code: 'ok', host: 'laptop'});
		expect(await joining({...BIG, host: 'laptop'})).toEqual({code: 'ok', host: 'laptop-2'});
		expect(await joining({...BIG, room: 'room:big:2', host: 'renamed'})).toEqual({code: 'ok', host: 'laptop-2'});
		expect(await joining({...BIG, room: 'room:third:1', machine: 'm3'})).toEqual({code: 'ok', host: 'big-1'});
	});

	test.each([
		['base', {base: 'trunk'}, 'main', 'trunk'],
		['test', {test: ''}, 'npm test', ''],
		['lease', {leaseMs: 9000}, '15000', '9000'],
		['merge', {merge: 'local'}, 'push', 'local'],
	] as const)(
		'a room with another %s is refused with both values while the first one lives, and writes nothing',
		async (what, given, theirs, ours) => {
			await joining({});
			expect(await joining({...BIG, ...given})).toEqual({code: 'differs', what, theirs, ours, host: 'laptop'});
			expect((await team.rooms()).rooms.map(({room}) => room)).toEqual(['room:lap']);
			await team.leaveTeam(LAPTOP.room);
			expect(await joining({...BIG, ...given})).toEqual({code: 'ok', host: 'big-1'});
		},
	);

	test('while merges are local there is one clone, whether its room runs or not', async () => {
		await joining({merge: 'local'});
		expect(await joining({...BIG, merge: 'local'})).toEqual({code: 'local', room: 'room:lap', host: 'laptop'});
		await team.leaveTeam(LAPTOP.room);
		expect(await joining({...BIG, merge: 'push'})).toEqual({code: 'local', room: 'room:lap', host: 'laptop'});
		await joining({room: 'room:lap:2', merge: 'push'});
		expect(await joining({...BIG, merge: 'push'})).toEqual({code: 'ok', host: 'big-1'});
	});

	test('a later life takes over from an earlier one of this machine and boot, from another only once that is dead', async () => {
		await joining({});
		expect(await joining({room: 'room:lap:2'})).toMatchObject({code: 'ok'});
		const elsewhere = {room: 'room:lap:3', boot: 'b9'};
		expect(await joining(elsewhere)).toMatchObject({code: 'alive', life: 'room:lap:2', leaseMs: 15_000});
		expect(await joining({...elsewhere, replaces: 'room:lap:1'})).toMatchObject({code: 'alive'});
		expect(await joining({...elsewhere, replaces: 'room:lap:2'})).toMatchObject({code: 'ok'});
	});

	test('rooms are listed with what their beats tell, also when they are gone', async () => {
		await joining({});
		await joining(BIG);
		await team.heartbeat({room: LAPTOP.room, leaseMs: 15_000, ttlMs: 30_000, agents: [], held: [], load: 40, memory: 7e9});
		await team.leaveTeam(BIG.room);
		const {rooms, now} = await team.rooms();
		const byHost = Object.fromEntries(rooms.map(card => [card.host, card]));
		expect(byHost.laptop).toMatchObject({life: LAPTOP.room, load: 40, memory: 7e9, endedAt: 0, version: '0.1.0'});
		expect(byHost['big-1']).toMatchObject({ended: 'stopped', beat: 0});
		expect(byHost.laptop?.beatAt).toBeLessThanOrEqual(now);
	});

	test('a room that was given up and beats again is one of them again', async () => {
		await joining({});
		const [{beat = 0} = {}] = (await team.rooms()).rooms;
		expect(await team.expire(LAPTOP.room, beat)).toBe('ok');
		expect((await team.rooms()).rooms[0]).toMatchObject({ended: 'gone'});
		await team.heartbeat({room: LAPTOP.room, leaseMs: 15_000, ttlMs: 30_000, agents: [], held: [], load: 1, memory: 1});
		expect((await team.rooms()).rooms[0]).toMatchObject({endedAt: 0});
	});
});
