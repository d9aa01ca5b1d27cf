import {randomUUID} from 'node:crypto';
import {open, readFile, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {isNewer} from '../../core/team/snapshot.ts';
import type {RedisConnection} from '../../redis/connection.ts';
import {
	type Accepting,
	acceptEpoch,
	BY_YOU,
	compareEpoch,
	type EpochVerdict,
	type Remembered,
	type ScriptRunner,
} from '../../redis/epoch.ts';
import {resending} from '../../redis/retry.ts';
import type {Journal} from './journal.ts';

/** How long an acceptance whose answer was lost is retried, ms. */
const ACCEPT_MS = 10_000;
/** Minimum interval between writes of the record's position, ms; all else is written at once. */
const WRITE_MS = 1000;
const NOTHING: Remembered = {epoch: 0, nonce: '', streamId: '0-0', hasTasks: false};

/** As it is kept: also how the server calls its data, '' if unknown. */
type Kept = Remembered & {readonly server: string};

type Folded = Pick<Remembered, 'streamId' | 'hasTasks'>;

/** What one room remembers of its Redis, in its state folder and over its restarts, and the result of the last check. */
export type EpochWatch = {
	/** Compares Redis with what is remembered and remembers the result: before any connection is used, and every second. */
	check(runner: ScriptRunner): Promise<EpochVerdict>;
	/** Gives access to what the room has folded, which may be newer than what was remembered. */
	follow(folded: () => Folded): void;
	/** What Redis lost, in words, by the last check; '' for nothing. */
	finding(): string;
	remembered(): Remembered;
	/** How the server with all of the data called them (`master_replid`), over restarts; '' if unknown. A copy that takes over names it too. */
	server(): string;
	noteServer(name: string): void;
	/** The data are accepted as they are, by a human if nobody else is named. Everything stays frozen. */
	accept(connection: RedisConnection, accepting?: Accepting): Promise<void>;
	/** Writes what is not yet on disk. */
	flush(): Promise<void>;
	/** Called after a check that found another epoch than the room worked in: its leases must be compared. */
	onNewEpoch(listener: () => void): void;
};

const NONE: Kept = {...NOTHING, server: ''};

const parse = (text: string): Kept => {
	const given: unknown = JSON.parse(text);
	if (typeof given !== 'object' || given === null) return NONE;
	const {epoch, nonce, streamId, hasTasks, server}: Partial<Record<keyof Kept, unknown>> = given;
	if (typeof epoch !== 'number' || typeof nonce !== 'string' || typeof streamId !== 'string' || !/^\d+-\d+$/.test(streamId)) return NONE;
	return {epoch, nonce, streamId, hasTasks: hasTasks === true, server: typeof server === 'string' ? server : ''};
};

const read = async (file: string): Promise<Kept> => {
	try {
		return parse(await readFile(file, 'utf8'));
	} catch {
		// Missing, or damaged by something else: a room without a memory accepts Redis as it is.
		return NONE;
	}
};

/** Adds what the journal knows: of the same data if it goes further, of any data if nothing else is remembered. */
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

/** Written atomically: a power cut leaves the old file. */
const write = async (file: string, remembered: Kept): Promise<void> => {
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

/** For a namespace that restarts on purpose: nothing of it is missed. */
export const forgetEpoch = (stateFolder: string, namespace: string): Promise<void> => rm(fileOf(stateFolder, namespace), {force: true});

/**
 * Watches whether Redis still has the data the room worked with. It can come back empty (lost data folder, FLUSHALL), older (truncated file, a
 * failover that lost writes), or be another one. Then nothing may be assigned before a human decides: lost tasks would go unnoticed, and finished
 * ones would be done again.
 */
export const createEpochWatch = async (stateFolder: string, namespace: string, journal?: Pick<Journal, 'memory'>): Promise<EpochWatch> => {
	const file = fileOf(stateFolder, namespace);
	let {server, ...remembered}: Kept = await read(file);
	remembered = withJournal(remembered, await journal?.memory());
	let finding = '';
	/** What was folded of an earlier epoch, and need not exist in this one. */
	let outdated = '';
	let folded = (): Folded => NOTHING;
	const listeners = new Set<() => void>();
	let written: Kept = {...remembered, server};
	let writtenAt = Number.NEGATIVE_INFINITY;
	let writing = Promise.resolve();
	const flush = (): Promise<void> => {
		const next = {...remembered, server};
		if (JSON.stringify(next) !== JSON.stringify(written)) {
			written = next;
			writtenAt = performance.now();
			// A full disk loses what a later life would remember, never the room.
			writing = writing.then(() => write(file, next)).catch(() => undefined);
		}
		return writing;
	};
	const remember = async (next: Remembered): Promise<void> => {
		remembered = next;
		const isOnlyNewer = JSON.stringify({...next, server, streamId: ''}) === JSON.stringify({...written, streamId: ''});
		if (!isOnlyNewer || performance.now() - writtenAt >= WRITE_MS) await flush();
	};
	return {
		async check(runner) {
			const seen = folded();
			// Entries since the loss belong to other data: a restore of the old data has not lost them.
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
		server: () => server,
		noteServer: name => {
			server = name;
		},
		flush,
		async accept(connection, accepting = BY_YOU) {
			const decision = {op: `${Math.floor(Date.now() / 3_600_000)}-${randomUUID()}`, fresh: randomUUID(), ...accepting};
			await resending(connection, () => acceptEpoch(connection, namespace, remembered, decision), ACCEPT_MS);
		},
		onNewEpoch(listener) {
			listeners.add(listener);
		},
	};
};
