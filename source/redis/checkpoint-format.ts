import {promisify} from 'node:util';
import {deflateRaw, inflateRaw} from 'node:zlib';
import {z} from 'zod';
import {parseAgent} from '../core/agent.ts';
import type {Checkpoint} from '../core/replay.ts';
import {emptySnapshot, type TeamSnapshot} from '../core/snapshot.ts';
import {fieldsOf} from './replies.ts';

/** Grows with every change that an older reader would misread. */
export const CHECKPOINT_VERSION = '2';
/** No part is that large: what claims to be is not ours, bytes. */
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

/** The first part: a snapshot without its tasks and events (agents come from their raw fields), whatever else it has. */
export const encodeTeam = ({
	tasks: _tasks,
	rawTasks: _rawTasks,
	events: _events,
	agents: _agents,
	...team
}: TeamSnapshot): Promise<string> => encode(JSON.parse(JSON.stringify(team, withMaps)));

/** A further part: rows of a task's id and its flat fields. */
export const encodeTasks = (rows: readonly (readonly [id: string, fields: readonly string[]])[]): Promise<string> => encode(rows);

/** Reads the parts of a checkpoint; undefined where they are damaged or not ours: never trusted, whoever wrote them. */
export const decodeCheckpoint = async ([first = '', ...rest]: readonly string[]): Promise<Checkpoint | undefined> => {
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
