import {expect, test} from 'vitest';
import {proofOf, type Testimony, withTestimonies} from '../../../source/core/team/testimony.ts';

const OLDER = 'Redis came back with older data';
const COPY = {name: 'copy', earlier: 'first'};
const raw = (updatedAt: number, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
	state: 'ready',
	updatedAt: String(updatedAt),
	...more,
});

/** A room that has seen what is lost, and whose journal has all of it. */
const told = (room: string, more: Partial<Testimony> = {}): Testimony => ({
	...{room, host: room, epoch: 1, nonce: 'n', seen: '5000-0', isSeenThere: false, knows: '5000-0', fork: '4000-0'},
	...{isWhole: true, server: 'first', isSaved: true, fencing: 7, control: {}, tasks: new Map(), features: new Map(), saved: new Map()},
	...more,
});
/** One that has seen nothing that is lost, and works with the copy already. */
const behind = (room: string): Testimony => told(room, {seen: '3000-0', knows: '3000-0', isSeenThere: true, server: 'copy'});
const card = (room: string, more: object = {}) => ({
	room,
	host: `host-${room}`,
	endedAt: 0,
	beatAt: 3900,
	joinedAt: 0,
	leaseMs: 1000,
	...more,
});

test('a loss is proved where each room has spoken, and one journal knows all that any has seen', () => {
	const both = [told('a'), behind('b')];
	expect(proofOf(OLDER, both, [card('a'), card('b')], COPY)).toEqual({kind: 'proved', isSaved: true});
	expect(proofOf(OLDER, [told('a', {isSaved: false}), behind('b')], [card('a')], COPY)).toEqual({kind: 'proved', isSaved: false});
	// Who is further behind is helped by who is not.
	const late = told('b', {knows: '4500-0', seen: '4900-0'});
	expect(proofOf(OLDER, [told('a'), late], [card('a'), card('b')], COPY)).toMatchObject({kind: 'proved'});
});

test('it waits for a room that may know more, and for none that was gone before', () => {
	const rooms = [card('a'), card('b'), card('c', {beatAt: 1900}), card('d', {endedAt: 3000})];
	expect(proofOf(OLDER, [told('a')], rooms, COPY)).toEqual({kind: 'waits', hosts: ['host-b']});
	expect(proofOf(OLDER, [told('a'), behind('b')], rooms, COPY)).toMatchObject({kind: 'proved'});
});

test.each([
	['Redis came back empty', [told('a')], COPY],
	['This is a different Redis than before', [told('a')], COPY],
	// A file that was put back: no copy of what the rooms worked with.
	[OLDER, [told('a')], {name: 'other', earlier: ''}],
	[OLDER, [told('a')], {name: 'other', earlier: 'another'}],
	[OLDER, [told('a', {server: ''})], COPY],
	// Nothing in common any more, a gap, or an entry that no journal has.
	[OLDER, [told('a', {fork: ''})], COPY],
	[OLDER, [told('a', {isWhole: false})], COPY],
	[OLDER, [told('a', {knows: '4900-0'})], COPY],
	[OLDER, [told('a'), told('b', {seen: '5001-0'})], COPY],
	// Other data, or too much for a moment.
	[OLDER, [told('a'), told('b', {nonce: 'm'})], COPY],
	[OLDER, [told('a', {tasks: new Map(Array.from({length: 1001}, (_, at) => [`t-${at}`, raw(1)]))})], COPY],
] as const)('a human decides: %s %#', (finding, testimonies, server) => {
	expect(proofOf(finding, testimonies, [card('a')], server)).toEqual({kind: 'unproved'});
});

test('journals are merged task by task and field by field, by the newest epoch alone', () => {
	const own = {
		...{head: {journal: 1, repository: 'r', namespace: 'w', epoch: 2, nonces: ['m', 'n']}, at: '4000-0', control: {paused: '1'}},
		...{tasks: new Map([['t-1', raw(10, {title: 'one', commit: 'c1'})]]), features: new Map(), spending: [], positions: [], fencing: 3},
	};
	const other = told('b', {
		...{epoch: 2, control: {paused: '0'}, fencing: 9},
		tasks: new Map([
			['t-1', raw(20, {state: 'leased'})],
			['t-2', raw(5)],
		]),
	});
	const older = told('c', {epoch: 1, tasks: new Map([['t-3', raw(99)]])});
	const merged = withTestimonies(own, [other, older]);
	expect(merged?.tasks).toEqual(
		new Map([
			['t-1', {state: 'leased', updatedAt: '20', title: 'one', commit: 'c1'}],
			['t-2', raw(5)],
		]),
	);
	expect(merged).toMatchObject({control: {paused: '0'}, fencing: 9, head: {epoch: 2, nonces: ['m', 'n']}});
	expect(withTestimonies(undefined, [older])?.tasks.get('t-3')).toEqual(raw(99));
	// A room that was away while others decided follows them.
	const away = {...own, head: {...own.head, epoch: 1}};
	expect(withTestimonies(away, [other])?.tasks.has('t-2')).toBe(true);
	// Of one that knows newer data by their name only, nothing is taken, and nothing is given up for it.
	const nameless = told('d', {epoch: 2, knows: '0-0', tasks: new Map(), fencing: 12});
	expect(withTestimonies(away, [nameless])).toMatchObject({tasks: own.tasks, head: {epoch: 1}});
	expect(withTestimonies(away, [nameless, older])?.fencing).toBe(12);
});
