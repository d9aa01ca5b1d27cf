import {mkdir, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {RoomEvent} from '../../core/event/event.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {changeOf, isSelfContained, JOURNAL_VERSION, type JournalChange} from '../../core/team/journal.ts';
import {emptySnapshot, isNewer} from '../../core/team/snapshot.ts';
import type {Kin} from '../../git/repository/kinship.ts';
import type {RedisConnection} from '../../redis/connection.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {EpochWatch} from './epoch.ts';
import {appendRecords, type JournalRead, keepAside, readJournal, replaceJournal} from './journal-file.ts';

/** Entries of the event log that one record covers. */
const ENTRIES = 1000;
/** Tasks in one record of a whole journal. */
const PAGE = 200;
/** A journal is rewritten whole once it has grown by this factor since the last time, and to this many bytes. */
const GROWTH = 4;
const LEAST_BYTES = 4 * 1024 * 1024;
/** Remembered nonces, one for each loss. */
const NONCES = 20;
const NONE = emptySnapshot.streamId;

/** The state of a journal: the data it follows, up to which entry, and the tasks it has with every field. */
type Place = {nonce: string; at: string; knows: string; size: number; wholeSize: number; isChecked: boolean; readonly known: Set<string>};

/** What the journal of an earlier life knows of its Redis. */
export type Memory = {readonly epoch: number; readonly nonce: string; readonly at: string; readonly hasTasks: boolean};

/**
 * Every accepted task of a namespace, in a file of the state folder, from which a Redis that lost its data is rebuilt. It follows the event log on
 * its own: what it missed (no room ran, a full disk) is caught up, or read again if the log no longer has it.
 */
export type Journal = {
	readonly file: string;
	/** Writes what is new in Redis. Never throws: if it fails, work continues, and `problem` says why. */
	catchUp(): Promise<void>;
	/** Takes entries that were read from a Redis that has lost them since. */
	salvage(events: readonly RoomEvent[]): Promise<void>;
	read(): Promise<JournalRead>;
	/** Its last entry, and of which data; undefined if it has none. */
	memory(): Promise<Memory | undefined>;
	/** Its last entry now, without reading; '0-0' before the first time. */
	at(): string;
	/** The newest entry up to which it knows everything: its last, or what was salvaged since without a gap. */
	knows(): string;
	/** Why it is not written, as a sentence; '' if it is. */
	problem(): string;
};

/** What a journal needs of the connection to Redis. */
export type JournalSource = {
	readonly connection: RedisConnection;
	readonly coordination: Pick<Coordination, 'events' | 'list' | 'read' | 'snapshot'>;
	readonly epoch: Pick<EpochWatch, 'check' | 'finding' | 'remembered'>;
};

const fileIn = (stateFolder: string, namespace: string): string => join(stateFolder, 'journal', `${encodeURIComponent(namespace)}.jsonl`);

/** Restarts a namespace's journal: its tasks were moved away, not lost. Its contents are kept under another name. */
export const forgetJournal = async (stateFolder: string, namespace: string): Promise<void> => {
	const file = fileIn(stateFolder, namespace);
	await keepAside(file);
	await rm(file, {force: true});
};

/** Opens the journal of a namespace in a state folder. Reads nothing before it is asked to; `catchUp` asks for `source`. */
export const createJournal = (
	{stateFolder, namespace}: {readonly stateFolder: string; readonly namespace: string},
	kin: () => Promise<Pick<Kin, 'identity' | 'isSame'>>,
	source: () => JournalSource | undefined,
): Journal => {
	const file = fileIn(stateFolder, namespace);
	let place: Place | undefined;
	let nonces: readonly string[] = [];
	let memory: Memory | undefined;
	let reading: Promise<Exclude<JournalRead, {kind: 'read'}> | {readonly kind: 'read'}> | undefined;
	let working = Promise.resolve();
	let isAsked = false;
	let problem = '';

	const read = async (): Promise<JournalRead> => readJournal(file, (await kin()).isSame);
	/** As it is at the start of this life. */
	const first = (): NonNullable<typeof reading> => {
		reading ??= read().then(found => {
			if (found.kind !== 'read') return found;
			const {
				state: {head, at, tasks},
				size,
				damaged,
			} = found;
			nonces = head?.nonces ?? [];
			const nonce = nonces.at(-1) ?? '';
			if (nonce !== '') memory = {epoch: head?.epoch ?? 0, nonce, at, hasTasks: tasks.size > 0};
			place = {nonce: damaged > 0 ? '' : nonce, at, knows: at, size, wholeSize: size, isChecked: false, known: new Set(tasks.keys())};
			return {kind: 'read'};
		});
		// A failed read is retried.
		reading.catch(() => {
			reading = undefined;
		});
		return reading;
	};

	const append = async (held: Place, change: JournalChange): Promise<void> => {
		held.size = await appendRecords(file, held.size, [change]);
		held.at = change.at ?? held.at;
		held.knows = change.at ?? held.knows;
		for (const id of Object.keys(change.tasks ?? {})) held.known.add(id);
	};

	/** All data of Redis, page by page: no room keeps a hundred thousand tasks in memory for it. */
	async function* everything({connection, coordination}: JournalSource, known: Set<string>): AsyncGenerator<JournalChange> {
		const {team} = await coordination.snapshot();
		const recordOf = async (key: string): Promise<Readonly<Record<string, string>>> => {
			const flat = await connection.call('HGETALL', `${namespace}:${key}`);
			const list = Array.isArray(flat) ? flat.map(String) : [];
			return Object.fromEntries(Array.from({length: list.length / 2}, (_, at) => [list[2 * at] ?? '', list[2 * at + 1] ?? '']));
		};
		yield {at: team.streamId, control: await recordOf('control')};
		const features = new Set<string>();
		let cursor = '';
		do {
			const page = await coordination.list(cursor, PAGE);
			const tasks = await coordination.read(
				page.tasks.map(({id}) => id),
				true,
			);
			for (const [id, fields] of tasks) {
				known.add(id);
				if (fields.feature) features.add(fields.feature);
			}
			if (tasks.size > 0) yield {tasks: Object.fromEntries(tasks)};
			({cursor} = page);
		} while (cursor !== '');
		for (const id of features) {
			const fields = await recordOf(`features:${id}`);
			if (fields.total !== undefined) yield {features: {[id]: fields}};
		}
	}

	const writeWhole = async (from: JournalSource): Promise<Place | undefined> => {
		const {epoch, nonce} = from.epoch.remembered();
		const known = new Set<string>();
		let at = NONE;
		const all = async function* (): AsyncGenerator<JournalChange> {
			for await (const change of everything(from, known)) {
				at = change.at ?? at;
				yield change;
			}
		};
		const kept = [...nonces.filter(other => other !== nonce), nonce].slice(-NONCES);
		await mkdir(dirname(file), {recursive: true, mode: 0o700});
		const head = {journal: JOURNAL_VERSION, repository: (await kin()).identity, namespace, epoch, nonces: kept};
		// A Redis that lost data meanwhile must not replace the journal of what it lost.
		const isGood = async (): Promise<boolean> => {
			const verdict = await from.epoch.check(from.connection);
			return verdict.code === 'ok' && verdict.nonce === nonce;
		};
		const size = await replaceJournal(file, head, all(), isGood);
		if (size === undefined) return undefined;
		nonces = kept;
		return {nonce, at, knows: at, size, wholeSize: size, isChecked: true, known};
	};

	/** Whether the log no longer has what comes right after an entry. */
	const isTrimmed = async ({coordination}: JournalSource, at: string): Promise<boolean> => {
		const [oldest] = await coordination.events(NONE, 1);
		return oldest !== undefined && isNewer(oldest.id, at);
	};

	const follow = async (from: JournalSource, held: Place): Promise<void> => {
		for (;;) {
			const events = await from.coordination.events(held.at, ENTRIES);
			if ((!held.isChecked || events.length === ENTRIES) && (await isTrimmed(from, held.at))) {
				place = (await writeWhole(from)) ?? place;
				return;
			}
			held.isChecked = true;
			if (events.length === 0) return;
			const {change, texts} = changeOf(events);
			const unknown = Object.keys(change.tasks ?? {}).filter(id => !held.known.has(id));
			const whole = await from.coordination.read([...new Set([...texts, ...unknown])], true);
			const tasks = {...change.tasks, ...Object.fromEntries(whole)};
			// What a Redis says that has just lost its data is ignored.
			if (String(await from.connection.call('HGET', `${namespace}:meta`, 'nonce')) !== held.nonce || from.epoch.finding() !== '') return;
			await append(held, {...change, ...(change.tasks ? {tasks} : {})});
			if (held.size > LEAST_BYTES && held.size > GROWTH * held.wholeSize) {
				place = (await writeWhole(from)) ?? place;
				return;
			}
			if (events.length < ENTRIES) return;
		}
	};

	const work = async (): Promise<void> => {
		const from = source();
		if (!from?.connection.isConnected || from.epoch.finding() !== '') return;
		const {nonce} = from.epoch.remembered();
		if (nonce === '') return;
		const found = await first();
		if (found.kind === 'refused') {
			problem = `${found.message} ${found.hint}`;
			return;
		}
		if (place?.nonce !== nonce) {
			// What another room, or a human, gave up is kept in case it is wanted back.
			if (place && place.nonce !== '') await keepAside(file);
			place = await writeWhole(from);
		}
		if (place) await follow(from, place);
		problem = '';
	};

	/** Reports failures of the disk; failures of Redis are shown elsewhere. */
	const failed = (error: unknown): void => {
		const code = error instanceof Error && 'code' in error && 'syscall' in error ? String(error.code) : '';
		if (code === 'ENOENT') place = undefined;
		if (code !== '' && code !== 'ENOENT')
			problem = `The journal cannot be written (${cleanText(code, 40)}): if Redis loses its data now, what has changed since cannot be rebuilt.`;
	};
	const inTurn = (task: () => Promise<void>): Promise<void> => {
		working = working.then(task).catch(failed);
		return working;
	};

	return {
		file,
		read,
		catchUp: () => {
			if (isAsked) return working;
			isAsked = true;
			return inTurn(() => {
				isAsked = false;
				return work();
			});
		},
		salvage: events =>
			inTurn(async () => {
				await first();
				const held = place;
				if (!held) return;
				const isLost = ({id, controlFields}: RoomEvent): boolean => isNewer(id, held.at) && controlFields.recovery === undefined;
				const lost = events.filter(isLost);
				const {change} = changeOf(lost);
				const unknown = Object.keys(change.tasks ?? {}).filter(id => !held.known.has(id));
				// Redis must still have the entry at its end, so that stays as it was.
				const {at, ...rest} = change;
				if (rest.tasks) await append(held, rest);
				// Long texts are not in the log: with them, or after a gap, it does not know all.
				const isContinued = events.some(({id}) => !isNewer(id, held.at));
				if (at !== undefined && isContinued && isSelfContained(lost) && unknown.length === 0) held.knows = at;
			}),
		memory: async () => {
			await first().catch(() => undefined);
			return memory;
		},
		at: () => place?.at ?? NONE,
		knows: () => place?.knows ?? NONE,
		problem: () => problem,
	};
};
