import type {Merging} from '../core/team/rooms.ts';
import type {RedisConnection} from './connection.ts';
import {wordOf, wordsOf} from './scripts/replies.ts';
import {type ArgumentsOf, argumentList, loadScript, type ScriptName} from './scripts/table.ts';

/** A namespace on one server: where a queue is moved from, or to. */
export type Side = {readonly connection: Pick<RedisConnection, 'call' | 'run'>; readonly namespace: string};

/**
 * `taken`: the other namespace is in use. `elsewhere`: a move to another place, `to`, was begun and not ended. `rooms`: another room is or was lately in the
 * team. `leased`: these tasks are assigned. Nothing was changed by any of these.
 */
export type Moved =
	| {readonly code: 'ok'; readonly keys: number}
	| {readonly code: 'taken'}
	| {readonly code: 'elsewhere'; readonly to: string}
	| {readonly code: 'rooms'; readonly host: string}
	| {readonly code: 'leased'; readonly tasks: readonly string[]};

export type Move = {
	/** Of the room that moves it: `room:<id>`. */
	readonly room: string;
	/** For a move that begins. */
	readonly newId: () => string;
	/** Where to, in words; a move that was interrupted is gone on with only to the same place. */
	readonly to: string;
	readonly merge: Merging;
	/** For the event log there. */
	readonly text: string;
	/** The place that it left keeps a note of where it went: no room begins anew there. */
	readonly isNoted: boolean;
};

/** One name, its type, its time to live, and its values; of a stream the first three are its own. */
type Row = readonly [name: string, type: string, ttl: string, values: readonly string[]];

const NAMES_AT_ONCE = 200;
/** Lua spreads a list over its stack, which holds a few thousand. Even, so that a field stays with its value. */
const VALUES_AT_ONCE = 2000;
const BYTES_AT_ONCE = 1_000_000;

const run = async <Name extends ScriptName>({connection, namespace}: Side, name: Name, given: ArgumentsOf<Name>): Promise<unknown> =>
	connection.run(loadScript(name), [`${namespace}:events`], argumentList(name, namespace, '', given));

const meta = async ({connection, namespace}: Side, field: string): Promise<string> =>
	String((await connection.call('HGET', `${namespace}:meta`, field)) ?? '');

/** Where the queue of a namespace went or is about to go; '' where it is here to stay. */
export const movingTo = (side: Side): Promise<string> => meta(side, 'movingTo');

/** Whether that move is over. */
export const hasMoved = async (side: Side): Promise<boolean> => (await meta(side, 'moved')) !== '';

/** Whether anything was ever recorded in a namespace. */
export const isUsed = async ({connection, namespace}: Side): Promise<boolean> =>
	Number(await connection.call('EXISTS', `${namespace}:events`)) > 0;

/**
 * Lets a namespace whose queue has moved begin anew, with numbers behind those that were given there: an id of a task is in the history of the
 * repository too.
 */
export const beginAnew = async (side: Side, there: Side): Promise<void> => {
	const number = String((await there.connection.call('GET', `${there.namespace}:tasks:number`)) ?? '0');
	await side.connection.call('SET', `${side.namespace}:tasks:number`, number);
	const id = await meta(side, 'moving');
	if (id !== '') await run(side, 'end-move', {id, how: 'off'});
};

/** Names of all keys of a namespace without it, in pages; one that is there all the time comes at least once. */
async function* namesOf({connection, namespace}: Side): AsyncGenerator<readonly string[]> {
	const prefix = `${namespace}:`;
	const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
	let cursor = '0';
	do {
		const [next, found] = (await connection.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', NAMES_AT_ONCE)) as [unknown, unknown[]];
		yield found.map(name => String(name).slice(prefix.length));
		cursor = String(next);
	} while (cursor !== '0');
}

/** A row in parts that a script can take; what is a stream's own comes with the last. */
const partsOf = ([name, type, ttl, values]: Row): readonly Row[] => {
	const [own, rest] = type === 'stream' ? [values.slice(0, 3), values.slice(3)] : [[], values];
	const parts: Row[] = [];
	for (let from = 0; from === 0 || from < rest.length; from += VALUES_AT_ONCE) {
		const isLast = from + VALUES_AT_ONCE >= rest.length;
		parts.push([name, type, ttl, [...(isLast ? own : own.map(() => '')), ...rest.slice(from, from + VALUES_AT_ONCE)]]);
	}
	return parts;
};

const stage = async (to: Side, id: string, rows: readonly Row[], isFirst = false): Promise<'ok' | 'arrived' | 'taken'> =>
	wordOf(await run(to, 'stage-keys', {id, isFirst, rows: JSON.stringify(rows)}), 'ok', 'arrived', 'taken');

/** Stages all that the namespace holds; how many keys. */
const copy = async (from: Side, to: Side, id: string): Promise<number> => {
	const seen = new Set<string>();
	let waiting: Row[] = [];
	let bytes = 0;
	const flush = async (): Promise<void> => {
		if (waiting.length > 0) await stage(to, id, waiting);
		waiting = [];
		bytes = 0;
	};
	for await (const page of namesOf(from)) {
		const names = page.filter(name => !seen.has(name));
		for (const name of names) seen.add(name);
		if (names.length === 0) continue;
		const rows: unknown = JSON.parse(String(await run(from, 'read-keys', {'names...': names})));
		for (const part of (Array.isArray(rows) ? (rows as Row[]) : []).flatMap(partsOf)) {
			waiting.push(part);
			bytes += part[3].reduce((sum, value) => sum + value.length, 0);
			if (bytes >= BYTES_AT_ONCE) await flush();
		}
	}
	await flush();
	return seen.size;
};

const begin = async (from: Side, id: string, {room, to}: Move): Promise<Moved | {readonly code: 'begun'; readonly id: string}> => {
	const [code, ...rest] = wordsOf(await run(from, 'begin-move', {room, id, to}));
	const word = wordOf([code], 'ok', 'elsewhere', 'rooms', 'leased');
	const [first = ''] = rest;
	switch (word) {
		case 'ok':
			return {code: 'begun', id: first};
		case 'elsewhere':
			return {code: word, to: first};
		case 'rooms':
			return {code: word, host: first};
		case 'leased':
			return {code: word, tasks: rest};
	}
};

/**
 * Moves all of a namespace to another server: each task is here or there at any moment, and whoever is killed in the middle does it again with the same
 * arguments. Throws what the servers answer, such as NOPERM. It is staged there, counts there from one step on, and is removed here then; until it is over no room joins here.
 */
export const moveQueue = async (from: Side, to: Side, move: Move): Promise<Moved> => {
	const known = (await meta(from, 'moving')) || move.newId();
	const first = await stage(to, known, [], true);
	if (first === 'taken') return {code: 'taken'};
	// Not every user may look at the names of all keys: known before anything is closed to the team.
	await namesOf(from).next();
	const begun = await begin(from, known, move);
	if (begun.code !== 'begun') return begun;
	const {id} = begun;
	let keys = 0;
	if (first !== 'arrived') {
		keys = await copy(from, to, id);
		const arrived = wordOf(await run(to, 'arrive', {id, merge: move.merge, room: move.room, text: move.text}), 'ok', 'taken');
		if (arrived === 'taken') {
			await run(from, 'end-move', {id, how: 'off'});
			return {code: 'taken'};
		}
	}
	for await (const names of namesOf(from)) {
		if (names.length === 0) continue;
		// Another run of the same command has ended this move meanwhile.
		if (wordOf(await run(from, 'drop-keys', {id, 'names...': names}), 'ok', 'gone') === 'gone') break;
	}
	await run(from, 'end-move', {id, how: move.isNoted ? 'noted' : 'gone'});
	return {code: 'ok', keys};
};

/** Takes back a move that has begun and not arrived; false where it has arrived. */
export const callOffMove = async (from: Side, to: Side): Promise<boolean> => {
	const id = await meta(from, 'moving');
	if (id === '') return true;
	if ((await stage(to, id, [], true)) === 'arrived') return false;
	await run(from, 'end-move', {id, how: 'off'});
	return true;
};
