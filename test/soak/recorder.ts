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

const flatFacts = async (): Promise<Map<string, unknown>> => {
	const reply = (await redis.call('XINFO', 'STREAM', stream)) as unknown;
	const flat = Array.isArray(reply) ? reply : Object.entries(reply as Record<string, unknown>).flat();
	return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), flat[index + 1]] as const] : [])));
};

let last = '0-0';
let missed = '';
for (;;) {
	const mustEnd = isEnding;
	const entries = await redis.xrange(stream, `(${last}`, '+', 'COUNT', AT_ONCE);
	const facts = entries.length > 0 || mustEnd ? await flatFacts().catch(() => undefined) : undefined;
	const deleted = String(facts?.get('max-deleted-entry-id') ?? '0-0');
	if (isAfter(deleted, entries.at(-1)?.[0] ?? last)) missed = deleted;
	appendFileSync(file, entries.map(([id, fields]) => `${JSON.stringify([id, ...namesAndValues(fields)])}\n`).join(''));
	last = entries.at(-1)?.[0] ?? last;
	if (entries.length >= AT_ONCE) continue;
	if (mustEnd) {
		appendFileSync(file, `${JSON.stringify(['end', String(facts?.get('entries-added') ?? ''), missed])}\n`);
		process.exit(0);
	}
	await wait(EVERY_MS);
}
