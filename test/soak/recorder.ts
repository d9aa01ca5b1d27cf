import {appendFileSync} from 'node:fs';
import process from 'node:process';
import {setTimeout as wait} from 'node:timers/promises';
import {Redis} from 'ioredis';
import {namesAndValues} from './entries.ts';

/**
 * Copies the stream of events into a file while it grows, for the server keeps only the last 20,000 entries: one JSON list a line, the id
 * and then names and values. It resumes after its last id, stands outside of the chaos, knows nothing of the room, and closes with
 * `["end", added, deleted]`: how many entries the server has ever added, and the last id that it trimmed before it was read ('' for none).
 * usage: recorder.ts SOCKET STREAM FILE [PASSWORD]
 */
const [, , socket = '', stream = '', file = '', password] = process.argv;
const EVERY_MS = 50;
const AT_ONCE = 2000;

const redis = new Redis({path: socket, password, maxRetriesPerRequest: null, retryStrategy: () => 50, maxLoadingRetryTime: 50});
redis.on('error', () => undefined);
let isEnding = false;
process.on('message', () => {
	isEnding = true;
});
process.once('disconnect', () => process.exit(0));

const isAfter = (one: string, other: string): boolean => {
	const [ms = 0, count = 0] = one.split('-').map(Number);
	const [otherMs = 0, otherCount = 0] = other.split('-').map(Number);
	return ms > otherMs || (ms === otherMs && count > otherCount);
};

/**
 * Entries and counts of one moment. Asked for one after the other, an entry between them would be counted and not read. One script, and no
 * transaction: the client sends it again as a whole when Redis was killed under it.
 */
const LOOK = `
	local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
	local facts = redis.pcall('XINFO', 'STREAM', KEYS[1])
	return {entries, facts.err and {} or facts}`;

type Look = readonly [entries: readonly (readonly [id: string, fields: readonly string[]])[], facts: readonly unknown[]];

let last = '0-0';
let missed = '';
for (;;) {
	const mustEnd = isEnding;
	const [entries, flat] = (await redis.eval(LOOK, 1, stream, `(${last}`, AT_ONCE)) as Look;
	const fact = (name: string): string => String(flat[flat.indexOf(name) + 1] ?? '');
	const deleted = fact('max-deleted-entry-id') || '0-0';
	if (isAfter(deleted, entries.at(-1)?.[0] ?? last)) missed = deleted;
	appendFileSync(file, entries.map(([id, fields]) => `${JSON.stringify([id, ...namesAndValues(fields)])}\n`).join(''));
	last = entries.at(-1)?.[0] ?? last;
	if (entries.length >= AT_ONCE) continue;
	if (mustEnd) {
		appendFileSync(file, `${JSON.stringify(['end', fact('entries-added'), missed])}\n`);
		process.exit(0);
	}
	await wait(EVERY_MS);
}
