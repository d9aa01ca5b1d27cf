import {randomUUID} from 'node:crypto';
import * as z from 'zod';
import type {Testimony} from '../core/team/testimony.ts';
import type {RedisConnection} from './connection.ts';
import {resending} from './retry.ts';
import {isSafeId} from './scripts/arguments.ts';
import {listOf, wordOf, wordsOf} from './scripts/replies.ts';
import {argumentList, loadScript} from './scripts/table.ts';

/** What one batch holds at most: other scripts wait for it. */
const BYTES = 512 * 1024;
const PAIRS = 100;
/** What a room tells at most: a larger loss is not one of a moment. */
const MOST_BYTES = 16 * 1024 * 1024;
/** So long is a lost answer asked for again, ms. */
const RESEND_MS = 10_000;

const fields = z.record(z.string(), z.string());
const id = z.string().regex(/^\d+-\d+$/);
const headSchema = z.object({
	host: z.string(),
	epoch: z.number(),
	nonce: z.string(),
	seen: id,
	isSeenThere: z.boolean(),
	knows: id,
	fork: id.or(z.literal('')),
	isWhole: z.boolean(),
	server: z.string(),
	isSaved: z.boolean(),
	fencing: z.number(),
	control: fields,
	told: z.number(),
});

type Row = readonly [string, string];

const rowsOf = ({room: _, tasks, features, saved, ...head}: Testimony): readonly Row[] => {
	const all: Row[] = [];
	let bytes = 0;
	const parts = [
		['task', tasks],
		['feature', features],
		['saved', saved],
	] as const;
	let isWhole = head.isWhole;
	for (const [kind, entries] of parts)
		for (const [name, raw] of entries) {
			const text = JSON.stringify(raw);
			bytes += text.length;
			if (!isSafeId(name) || bytes > MOST_BYTES) isWhole = false;
			else all.push([`${kind} ${name}`, text]);
		}
	// Last: what has no head is not told yet.
	return [...all, ['head', JSON.stringify({...head, isWhole, told: all.length})]];
};

/** Tells the other rooms what this one knows of the lost data. False if nothing is undecided any more. */
export const testify = async (connection: RedisConnection, namespace: string, testimony: Testimony): Promise<boolean> => {
	const rows = rowsOf(testimony);
	for (let from = 0; from < rows.length; ) {
		let [to, bytes] = [from, 0];
		while (to < rows.length && to - from < PAIRS && (to === from || bytes < BYTES)) bytes += rows[to++]?.[1].length ?? 0;
		const op = `${Math.floor(Date.now() / 3_600_000)}-${randomUUID()}`;
		const given = {room: testimony.room, isFirst: from === 0, 'rows...': rows.slice(from, to).flat()};
		const args = argumentList('testify', namespace, op, given);
		const reply = wordsOf(
			await resending(connection, () => connection.run(loadScript('testify'), [`${namespace}:events`], args), RESEND_MS),
		);
		if (wordOf(reply, 'ok', 'over') === 'over') return false;
		from = to;
	}
	return true;
};

const parsed = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** What one room has told; undefined until it has told all of it, or if it is none. Never throws. */
const readOne = (room: string, rows: ReadonlyMap<string, string>): Testimony | undefined => {
	const head = headSchema.safeParse(parsed(rows.get('head') ?? ''));
	if (!head.success) return undefined;
	const kinds = {task: new Map<string, Record<string, string>>(), feature: new Map(), saved: new Map()};
	let count = 0;
	for (const [name, text] of rows) {
		const [kind, of = ''] = name.split(' ');
		const raw = fields.safeParse(parsed(text));
		if ((kind !== 'task' && kind !== 'feature' && kind !== 'saved') || !raw.success || !isSafeId(of)) continue;
		kinds[kind].set(of, raw.data);
		count++;
	}
	const {told, ...rest} = head.data;
	return {...rest, isWhole: rest.isWhole && told === count, room, tasks: kinds.task, features: kinds.feature, saved: kinds.saved};
};

/** What the rooms of the team have told of the lost data so far. */
export const readTestimonies = async (connection: Pick<RedisConnection, 'call'>, namespace: string): Promise<readonly Testimony[]> => {
	const rooms = listOf(await connection.call('SMEMBERS', `${namespace}:testimonies`)).map(String);
	const read = await Promise.all(
		rooms.toSorted().map(async room => {
			const flat = listOf(await connection.call('HGETALL', `${namespace}:testimony:${room}`)).map(String);
			return readOne(room, new Map(Array.from({length: flat.length / 2}, (_, at) => [flat[2 * at] ?? '', flat[2 * at + 1] ?? ''])));
		}),
	);
	return read.filter(told => told !== undefined);
};
