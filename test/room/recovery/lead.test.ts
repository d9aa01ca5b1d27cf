import {beforeEach, describe, expect, test} from 'vitest';
import type {Coordination} from '../../../source/core/team/coordination.ts';
import {LeadLost} from '../../../source/redis/errors.ts';
import {asLeader} from '../../../source/redis/leading.ts';
import {createLead, type Lead} from '../../../source/room/recovery/lead.ts';
import {hasBetterLeader, isLongAway} from '../../../source/room/remote/aside.ts';
import {coordinationOn, nextNonce} from '../../helpers/coordination.ts';
import {serverOfFile} from '../../helpers/server-of-file.ts';

const LEASE_MS = 3000;
const server = serverOfFile();
let team: Coordination;
let clock = 0;

beforeEach(() => {
	team = coordinationOn(server.connection, server.newNamespace());
	clock = 1_000_000;
});

/** A room that has joined, by its life; with the lead as it sees it. */
const joins = async (name: string, life = '1'): Promise<Lead> => {
	const room = `room:${name}:${life}`;
	const joining = {room, machine: name, boot: 'b', host: name, version: '1', base: 'main', test: '', leaseMs: LEASE_MS};
	await team.joinTeam({...joining, ttlMs: 30_000, merge: 'push', replaces: ''});
	return createLead(team, {life: room, leaseMs: LEASE_MS, newNonce: nextNonce, now: () => clock});
};
/** Looks twice a second for so long. */
const looks = async (lead: Lead, ms: number): Promise<void> => {
	for (const end = clock + ms; clock < end; clock += 500) await lead.look();
};
const wrote = async (text: string): Promise<boolean> => (await team.events('0-0', 1000)).some(event => event.text === text);

describe('the lead of a team', () => {
	test('is had by one room, and renewed by it for as long as it looks', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		for (let beat = 0; beat < 10; beat++) {
			await looks(other, 1000);
			await one.look();
		}
		expect([one.isOurs(), other.isOurs(), other.room()]).toEqual([true, false, 'room:one:1']);
	});

	test('goes to another once its holder has stood still for a whole lease, within two seconds more', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		const stoodStillAt = clock;
		await looks(other, LEASE_MS);
		expect(other.isOurs()).toBe(false);
		while (!other.isOurs()) await looks(other, 500);
		expect(clock - stoodStillAt).toBeLessThanOrEqual(LEASE_MS + 2000);
		expect(await wrote('other leads the team now')).toBe(true);
	});

	test('whoever had it and wakes up late writes nothing as the leader, whether it knows or not', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		const token = one.token();
		await looks(other, LEASE_MS + 1000);
		await expect(one.as(() => team.control({paused: true}, 'by a late one'))).rejects.toThrow(LeadLost);
		await expect(asLeader(token, () => team.control({paused: true}, 'by a late one'))).rejects.toThrow(LeadLost);
		expect(await wrote('by a late one')).toBe(false);
		await other.as(() => team.control({paused: true}, 'by the leader'));
		expect(await wrote('by the leader')).toBe(true);
		expect(await one.look()).toBe(true);
		expect(one.room()).toBe('room:other:1');
	});

	test('goes to another at once while the remote is away for its holder alone, and comes back when that one is gone', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		await one.stepAside();
		expect(one.isOurs()).toBe(false);
		await other.look();
		expect(other.isOurs()).toBe(true);
		await looks(one, LEASE_MS + 1000);
		expect(one.isOurs()).toBe(true);
	});

	test('is left for another only while the remote answers that one', async () => {
		expect([isLongAway({problem: '', awayAt: 0}, LEASE_MS, 1e6), isLongAway({problem: 'away', awayAt: 0}, LEASE_MS, 1000)]).toEqual([
			false,
			false,
		]);
		expect(isLongAway({problem: 'away', awayAt: 0}, LEASE_MS, 1e6)).toBe(true);
		await joins('one');
		const beats = (name: string, reaches: boolean, draining = false) =>
			team.heartbeat({room: `room:${name}:1`, leaseMs: LEASE_MS, ttlMs: 30_000, agents: [], held: [], load: 1, reaches, draining});
		const isBetter = async (): Promise<boolean> => {
			const {rooms, now} = await team.rooms();
			return hasBetterLeader('room:one', rooms, now);
		};
		await beats('one', false);
		expect(await isBetter()).toBe(false);
		await joins('other');
		await beats('other', false);
		expect(await isBetter()).toBe(false);
		await beats('other', true, true);
		expect(await isBetter()).toBe(false);
		await beats('other', true);
		expect(await isBetter()).toBe(true);
	});

	test('an observer that was itself stopped grants the leader a whole lease more', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		await looks(other, 1000);
		clock += 10 * LEASE_MS;
		await looks(other, LEASE_MS);
		expect(other.isOurs()).toBe(false);
	});

	test('is free at once when its room ends in order, or begins another life', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		await team.leaveTeam('room:one:1');
		await other.look();
		expect(other.isOurs()).toBe(true);
		const again = await joins('other', '2');
		await again.look();
		expect(again.isOurs()).toBe(true);
		expect(await other.look()).toBe(true);
		expect([other.isOurs(), other.room()]).toEqual([false, '']);
	});

	test('a sweep of whoever does not lead only looks', async () => {
		const [one, other] = [await joins('one'), await joins('other')];
		await one.look();
		await other.look();
		await server.connection.call('LPUSH', `${server.namespace}:tasks:pending`, 'task:implement:a');
		expect(await team.sweep('-')).toMatchObject({
			entries: [],
			rooms: expect.arrayContaining([expect.objectContaining({room: 'room:one:1'})]),
		});
		expect((await team.sweep(one.token())).entries).toHaveLength(1);
		expect((await team.sweep('7:superseded')).entries).toEqual([]);
	});
});
