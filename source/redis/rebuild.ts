import {randomUUID} from 'node:crypto';
import type {RebuildPlan, RebuiltFeature, RebuiltTask} from '../core/team/rebuild.ts';
import type {RedisConnection} from './connection.ts';
import {resending} from './retry.ts';
import {isSafeId} from './scripts/arguments.ts';
import {wordOf, wordsOf} from './scripts/replies.ts';
import {argumentList, loadScript} from './scripts/table.ts';

/** What one batch holds at most: other scripts wait for it. */
const ROWS = 100;
const BYTES = 512 * 1024;
/** So long is a lost answer asked for again, ms. */
const RESEND_MS = 10_000;

/** Orders to the team, and counters that must not issue a number twice: key -> at least this. */
export type RebuiltOrders = {
	readonly control: Readonly<Record<string, string>>;
	readonly numbers: Readonly<Record<string, number>>;
};

/**
 * `over`: somebody has decided, here or in another room. `other`: this Redis has tasks of its own. `taken`: another rebuild has begun since.
 * `skipped`: tasks whose key is of another type.
 */
export type Rebuilt = {readonly code: 'ok'; readonly skipped: readonly string[]} | {readonly code: 'over' | 'other' | 'taken'};

type Row = RebuiltTask | RebuiltFeature | RebuiltOrders;

const batchesOf = (rows: readonly Row[]): readonly (readonly string[])[] => {
	const batches: string[][] = [[]];
	let bytes = 0;
	for (const text of rows.map(row => JSON.stringify(row))) {
		const last = batches.at(-1) ?? [];
		if (last.length > 0 && (last.length === ROWS || bytes + text.length > BYTES)) {
			batches.push([text]);
			bytes = text.length;
		} else {
			last.push(text);
			bytes += text.length;
		}
	}
	return batches;
};

/**
 * Writes what a rebuild has come to into a Redis that lost its data. Killed at any moment it is done again from the beginning, with the
 * same end. Nothing is assigned before somebody accepts the data (`acceptEpoch`).
 */
export const writeRebuild = async (
	connection: RedisConnection,
	namespace: string,
	{tasks, features}: Pick<RebuildPlan, 'tasks' | 'features'>,
	orders: RebuiltOrders,
	nonces: readonly string[],
): Promise<Rebuilt> => {
	const rebuild = randomUUID();
	const skipped: string[] = [];
	// What the scripts would not take as an id was never accepted.
	const rows = [orders, ...tasks.filter(({id}) => isSafeId(id)), ...features.filter(({feature}) => isSafeId(feature))];
	for (const [index, batch] of batchesOf(rows).entries()) {
		const op = `${Math.floor(Date.now() / 3_600_000)}-${randomUUID()}`;
		const args = argumentList('rebuild', namespace, op, {rebuild, isFirst: index === 0, nonces: nonces.join(','), 'rows...': batch});
		const reply = wordsOf(
			await resending(connection, () => connection.run(loadScript('rebuild'), [`${namespace}:events`], args), RESEND_MS),
		);
		const code = wordOf(reply, 'ok', 'over', 'other', 'taken');
		if (code !== 'ok') return {code};
		skipped.push(...reply.slice(1));
	}
	return {code: 'ok', skipped};
};
