import {randomUUID} from 'node:crypto';
import {open, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {isNewer} from '../../core/team/snapshot.ts';
import type {RedisConnection} from '../../redis/connection.ts';
import {acceptEpoch, compareEpoch, type EpochVerdict, type Remembered, type ScriptRunner} from '../../redis/epoch.ts';
import {resending} from '../../redis/retry.ts';
import type {Journal} from './journal.ts';

/** So long is a lost answer to an acceptance asked for again. */
const ACCEPT_MS = 10_000;
/** How far the record has come is written at most this often, ms; everything else at once. */
const WRITE_MS = 1000;
const NOTHING: Remembered = {epoch: 0, nonce: '', streamId: '0-0', hasTasks: false};

type Folded = Pick<Remembered, 'streamId' | 'hasTasks'>;

/** What one room remembers of its Redis, in its state folder and beyond its own life, and what became of it. */
export type EpochWatch = {
	/** Compares Redis with what is remembered and remembers what it found: before every connection is given free, and every second. */
	check(runner: ScriptRunner): Promise<EpochVerdict>;
	/** Where to ask what the room has folded: that may be newer than what was remembered a second ago. */
	follow(folded: () => Folded): void;
	/** What Redis lost, in words, by the last check; '' while nothing is amiss. */
	finding(): string;
	/** What is remembered now. */
	remembered(): Remembered;
	/** A human takes the data as they are. Everything stays frozen. */
	accept(connection: RedisConnection): Promise<void>;
	/** Writes what is remembered and not yet on disk. */
	flush(): Promise<void>;
	/** Called after a check that found another epoch than the room has worked in: what it holds must be compared. */
	onNewEpoch(listener: () => void): void;
};

const parse = (text: string): Remembered => {
	const given: unknown = JSON.parse(text);
	if (typeof given !== 'object' || given === null) return NOTHING;
	const {epoch, nonce, streamId, hasTasks}: Partial<Record<keyof Remembered, unknown>> = given;
	if (typeof epoch !== 'number' || typeof nonce !== 'string' || typeof streamId !== 'string' || !/^\d+-\d+$/.test(streamId)) return NOTHING;
	return {epoch, nonce, streamId, hasTasks: hasTasks === true};
};

const read = async (file: string): Promise<Remembered> => {
	try {
		return parse(await readFile(file, 'utf8'));
	} catch {
		// Never written, or torn by something else than us: a room without a memory takes Redis as it is.
		return NOTHING;
	}
};

/** A journal of the same data that goes further, or of any where nothing else is remembered, is remembered too. */
const withJournal = (known: Remembered, journal: Awaited<ReturnType<Journal['memory']>>): Remembered => {
	if (!journal || (known.nonce !== '' && known.nonce !== journal.nonce)) return known;
	const {epoch, nonce, at, hasTasks} = journal;
	return {
		epoch: Math.max(epoch, known.epoch),
		nonce,
		streamId: isNewer(at, known.streamId) ? at : known.streamId,
		hasTasks: known.hasTasks || hasTasks,
	};
};

/** On disk whole or not at all: a power cut leaves the old one. */
const write = async (file: string, remembered: Remembered): Promise<void> => {
	const draft = `${file}.${process.pid}`;
	const handle = await open(draft, 'w', 0o600);
	try {
		await handle.writeFile(`${JSON.stringify(remembered)}\n`);
		await handle.sync();
	} finally {
		await handle.close();
	}
	await rename(draft, file);
};

const fileOf = (stateFolder: string, namespace: string): string => join(stateFolder, `epoch-${encodeURIComponent(namespace)}.json`);

/** A namespace that begins anew on purpose: nothing of it is missed. */
export const forgetEpoch = (stateFolder: string, namespace: string): Promise<void> => rm(fileOf(stateFolder, namespace), {force: true});

/**
 * Watches whether Redis is still what the room worked with. It can come back empty (its data folder was lost, FLUSHALL), older (its file
 * was truncated, a failover lost writes), or be another one: then nothing may be assigned before a human decides, or tasks that are lost
 * would go unnoticed and tasks that were done be done again.
 */
export const createEpochWatch = async (stateFolder: string, namespace: string, journal?: Pick<Journal, 'memory'>): Promise<EpochWatch> => {
	const file = fileOf(stateFolder, namespace);
	let remembered = withJournal(await read(file), await journal?.memory());
	let finding = '';
	/** What was folded of an earlier epoch, and need not be there in this one. */
	let outdated = '';
	let folded = (): Folded => NOTHING;
	const listeners = new Set<() => void>();
	let written = remembered;
	let writtenAt = Number.NEGATIVE_INFINITY;
	let writing = Promise.resolve();
	const flush = (): Promise<void> => {
		if (JSON.stringify(remembered) !== JSON.stringify(written)) {
			const next = remembered;
			written = next;
			writtenAt = performance.now();
			// A full disk costs what a later life would remember, never the room.
			writing = writing.then(() => write(file, next)).catch(() => undefined);
		}
		return writing;
	};
	const remember = async (next: Remembered): Promise<void> => {
		remembered = next;
		const isOnlyNewer = JSON.stringify({...next, streamId: ''}) === JSON.stringify({...written, streamId: ''});
		if (!isOnlyNewer || performance.now() - writtenAt >= WRITE_MS) await flush();
	};
	return {
		async check(runner) {
			const seen = folded();
			// What was folded since the loss is of other data: whoever restores the old ones has not lost it.
			const isOfThisEpoch = finding === '' && seen.streamId !== outdated;
			const known: Remembered = {
				...remembered,
				streamId: isOfThisEpoch && isNewer(seen.streamId, remembered.streamId) ? seen.streamId : remembered.streamId,
				hasTasks: remembered.hasTasks || (isOfThisEpoch && seen.hasTasks),
			};
			const verdict = await compareEpoch(runner, namespace, known, randomUUID());
			finding = verdict.code === 'lost' ? verdict.finding : '';
			if (verdict.code === 'lost') {
				await remember(known);
				return verdict;
			}
			const {code: _, ...found} = verdict;
			const isNew = known.nonce !== '' && found.nonce !== known.nonce;
			if (isNew) outdated = seen.streamId;
			await remember({...found, hasTasks: found.hasTasks || (known.hasTasks && !isNew)});
			if (isNew) for (const listener of [...listeners]) listener();
			return verdict;
		},
		follow: source => {
			folded = source;
		},
		finding: () => finding,
		remembered: () => remembered,
		flush,
		async accept(connection) {
			const decision = {op: `${Math.floor(Date.now() / 3_600_000)}-${randomUUID()}`, fresh: randomUUID()};
			await resending(connection, () => acceptEpoch(connection, namespace, remembered, decision), ACCEPT_MS);
		},
		onNewEpoch(listener) {
			listeners.add(listener);
		},
	};
};
