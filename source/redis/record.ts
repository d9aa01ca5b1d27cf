import {promisify} from 'node:util';
import {deflateRaw, inflateRaw} from 'node:zlib';
import * as z from 'zod';
import {parseAgent} from '../core/agent/agent.ts';
import type {RoomEvent} from '../core/event/event.ts';
import {type Checkpoint, type Moment, type RecordRange, type Replayed, type RoomRecord, stateAt} from '../core/team/replay.ts';
import {emptySnapshot, isNewer, type TeamSnapshot} from '../core/team/snapshot.ts';
import {eventsOf, fieldsOf, listOf, rowsOf, wordOf, wordsOf} from './scripts/replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts/table.ts';

/** Increases with every change that older readers would misread. */
const CHECKPOINT_VERSION = '2';
/** Limit of a part, bytes: larger ones are foreign. */
const LARGEST_PART = 256 * 1024 * 1024;

const compress = promisify(deflateRaw);
const decompress = promisify(inflateRaw);

const encode = async (value: unknown): Promise<string> => (await compress(JSON.stringify(value))).toString('base64');
const decode = async (part: string): Promise<string> =>
	(await decompress(Buffer.from(part, 'base64'), {maxOutputLength: LARGEST_PART})).toString();

const MAP = '@map';
const withMaps = (_: string, value: unknown): unknown => (value instanceof Map ? {[MAP]: [...value]} : value);
const revivingMaps = (_: string, value: unknown): unknown => {
	if (typeof value !== 'object' || value === null || !(MAP in value) || !Array.isArray(value[MAP])) return value;
	return new Map(z.array(z.tuple([z.string(), z.unknown()])).parse(value[MAP]));
};

const teamSchema = z.looseObject({
	streamId: z.string(),
	at: z.number(),
	locks: z.map(z.string(), z.looseObject({name: z.string(), owner: z.string(), until: z.number(), takenAt: z.number()})),
	waiters: z.map(z.string(), z.looseObject({name: z.string(), agent: z.string(), since: z.number(), until: z.number()})).optional(),
	control: z.looseObject({paused: z.boolean(), drained: z.boolean(), frozen: z.boolean()}),
	rawAgents: z.map(z.string(), z.record(z.string(), z.string())),
});
const tasksSchema = z.array(z.tuple([z.string(), z.array(z.string())]));

/** The first part: a snapshot without tasks and events (agents as raw fields). */
const encodeTeam = ({tasks: _tasks, rawTasks: _rawTasks, events: _events, agents: _agents, ...team}: TeamSnapshot): Promise<string> =>
	encode(JSON.parse(JSON.stringify(team, withMaps)));

const encodeTasks = (rows: readonly (readonly [id: string, fields: readonly string[]])[]): Promise<string> => encode(rows);

/** Decodes a checkpoint; undefined if damaged or foreign: it is never trusted. */
const decodeCheckpoint = async ([first = '', ...rest]: readonly string[]): Promise<Checkpoint | undefined> => {
	try {
		const team = teamSchema.parse(JSON.parse(await decode(first), revivingMaps));
		const carried: object = team;
		const agents = new Map([...team.rawAgents].map(([id, fields]) => [id, parseAgent(id, fields)] as const));
		const tasks = new Map<string, Readonly<Record<string, string>>>();
		for (const part of rest) for (const [id, flat] of tasksSchema.parse(JSON.parse(await decode(part)))) tasks.set(id, fieldsOf(flat));
		const control = {...emptySnapshot.control, ...team.control};
		return {team: {...emptySnapshot, ...(carried as Partial<TeamSnapshot>), agents, control}, tasks};
	} catch {
		return undefined;
	}
};

export type RecordOptions = {
	readonly run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>;
	readonly read: (command: string, ...args: readonly (string | number)[]) => Promise<unknown>;
	readonly snapshot: () => Promise<{readonly team: TeamSnapshot}>;
	readonly namespace: string;
	/** Events between two checkpoints. */
	readonly interval?: number;
};

/** Far below the stream's limit, so that nearly all can be replayed; a small team's checkpoint takes a few ms. */
const CHECKPOINT_INTERVAL = 2000;
const ENTRIES_A_READ = 1000;
const SHOWN_BEFORE = 10;
/** Attempts with the next checkpoint, if the log is trimmed while being read. */
const TRIES = 3;

const timeOf = (id: string): number => Number(id.split('-')[0]) || 0;
const momentAt = (id: string): Moment => ({id, at: timeOf(id)});

/** Where replay starts: a checkpoint by stream id, or the start of a log that was never trimmed. */
type Start = {readonly from: string; readonly exact: string};

/** The event log of a namespace: stream and checkpoints. */
export const createRecord = ({run, read, snapshot, namespace, interval = CHECKPOINT_INTERVAL}: RecordOptions): RoomRecord => {
	const events = `${namespace}:events`;

	const look = async () => {
		const [now, written, trimmed, first, last, checkpoints] = listOf(await run('record', {}));
		const readable = rowsOf(checkpoints, 3)
			.map(row => row.map(String))
			.filter(([, , version]) => version === CHECKPOINT_VERSION)
			.map(([from = '', exact = '']): Start => ({from, exact}));
		const beginning: readonly Start[] = Number(trimmed) === 0 ? [{from: emptySnapshot.streamId, exact: String(first)}] : [];
		return {
			now: Number(now),
			entries: Number(written) - Number(trimmed),
			last: String(last),
			trimmed: Number(trimmed),
			checkpoints: readable.length,
			starts: [...beginning, ...readable],
		};
	};

	const open = async ({from}: Start): Promise<(Checkpoint & {readonly position: number}) | undefined> => {
		if (from === emptySnapshot.streamId) return {team: emptySnapshot, tasks: new Map(), position: 0};
		const fields = fieldsOf(await read('HGETALL', `${namespace}:checkpoint:${from}`));
		const parts = Object.keys(fields).filter(name => name.startsWith('part:')).length;
		const checkpoint = await decodeCheckpoint(Array.from({length: parts}, (_, index) => fields[`part:${index + 1}`] ?? ''));
		return checkpoint && {...checkpoint, position: Number(fields.position)};
	};

	const entriesUntil = async (since: string, end: string): Promise<readonly RoomEvent[]> => {
		const all: RoomEvent[] = [];
		for (let from = since; ; ) {
			const some = eventsOf(await read('XRANGE', events, `(${from}`, end, 'COUNT', ENTRIES_A_READ));
			all.push(...some);
			const last = some.at(-1);
			if (!last || some.length < ENTRIES_A_READ) return all;
			from = last.id;
		}
	};

	const isBefore = ({exact}: Start, {id, at}: Moment): boolean => (id === '' ? timeOf(exact) <= at : !isNewer(exact, id));

	const replay = async (start: Start, moment: Moment): Promise<Replayed | undefined> => {
		const checkpoint = await open(start);
		if (!checkpoint) return undefined;
		const end = moment.id || String(moment.at);
		const happened = await entriesUntil(start.from, end);
		const before = eventsOf(await read('XREVRANGE', events, end, '-', 'COUNT', SHOWN_BEFORE)).toReversed();
		// Trimmed events would be missing.
		const {trimmed, now} = await look();
		if (trimmed > checkpoint.position) return undefined;
		const at = Math.min(moment.at, Math.max(now, timeOf(moment.id)));
		return {team: stateAt(checkpoint, happened, {...moment, at}), moment: {id: before.at(-1)?.id ?? start.exact, at}, before};
	};

	return {
		async range(): Promise<RecordRange> {
			const {now, entries, last, trimmed, checkpoints, starts} = await look();
			const oldest = starts[0];
			const isEmpty = entries === 0 || oldest === undefined;
			return {
				now,
				entries,
				gone: trimmed,
				checkpoints,
				oldest: isEmpty ? null : momentAt(oldest.exact),
				newest: isEmpty ? null : momentAt(last),
			};
		},
		async next(from, direction, count) {
			const beyond = from === '' ? '' : `(${from}`;
			return direction === 'older'
				? eventsOf(await read('XREVRANGE', events, beyond || '+', '-', 'COUNT', count)).toReversed()
				: eventsOf(await read('XRANGE', events, beyond || '-', '+', 'COUNT', count));
		},
		async lastUntil(at) {
			return eventsOf(await read('XREVRANGE', events, String(at), '-', 'COUNT', 1))[0]?.id ?? '';
		},
		async segment(id) {
			for (let tries = 0; tries < TRIES; tries++) {
				const {starts, last} = await look();
				const at = starts.findLastIndex(({exact}) => !isNewer(exact, id));
				const until = starts[at + 1]?.exact ?? last;
				for (const start of starts.slice(0, at + 1).toReversed()) {
					const checkpoint = await open(start);
					const happened = checkpoint ? await entriesUntil(start.from, until) : [];
					// Trimmed events would be missing.
					if (checkpoint && (await look()).trimmed <= checkpoint.position)
						return {checkpoint: {team: checkpoint.team, tasks: checkpoint.tasks}, events: happened, from: start.exact, until};
				}
			}
			return 'gone';
		},
		async stateAt(moment) {
			for (let tries = 0; tries < TRIES; tries++) {
				const {starts} = await look();
				for (const start of starts.filter(candidate => isBefore(candidate, moment)).toReversed()) {
					const replayed = await replay(start, moment);
					if (replayed) return replayed;
				}
			}
			return 'gone';
		},
		async keep() {
			const capture = async (cursor: string) => listOf(await run('checkpoint-page', {version: CHECKPOINT_VERSION, interval, cursor}));
			let page = await capture('');
			if (wordOf(page, 'ok', 'early') === 'early') return 'early';
			const [, from, position] = page.map(String);
			const {team} = await snapshot();
			const parts = [await encodeTeam(team)];
			let exact = team.streamId;
			for (;;) {
				const [, streamId, , rows, cursor] = page;
				parts.push(await encodeTasks(rowsOf(rows, 2).map(([id, fields]) => [String(id), wordsOf(fields)] as const)));
				if (isNewer(String(streamId), exact)) exact = String(streamId);
				if (cursor === '') break;
				page = await capture(String(cursor));
			}
			const given = {version: CHECKPOINT_VERSION, interval, from: from ?? '', exact, position: Number(position), 'parts...': parts};
			return wordOf(await run('checkpoint', given), 'ok', 'early', 'gone');
		},
	};
};
