import {randomUUID} from 'node:crypto';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {connectRedis} from '../../source/redis/connection.ts';
import {createCoordination} from '../../source/redis/coordination.ts';
import {RedisLost} from '../../source/redis/errors.ts';
import {submission} from '../helpers/coordination.ts';
import {
	FLEET_PASSWORD,
	type Fleet,
	isInStep,
	type Member,
	type Scope,
	SENTINEL_PASSWORD,
	startClusterFleet,
	startSentinelFleet,
} from '../helpers/redis-fleet.ts';
import {until} from '../helpers/wait.ts';
import {namesAndValues} from './entries.ts';
import {createRandom} from './random.ts';

const NAMESPACE = '{soak}';
const WORKERS = 8;
/** A primary that is gone, and one that hangs, are both replaced within this, ms; so are connections to it. */
const PATIENCE_MS = 30_000;

const SETTLED_MS = 3000;

export type FailoverPlan = {
	readonly kind: 'sentinel' | 'cluster';
	readonly isReplicated: boolean;
	readonly rounds: number;
	readonly seed: number;
};

type Outcome = {readonly violations: readonly string[]; readonly figures: string};

const WAYS = ['kill', 'freeze', 'in order'] as const;

/** One change of the primary, until there are a primary and a copy of it again. */
const changePrimary = async (fleet: Fleet, way: (typeof WAYS)[number]): Promise<void> => {
	const first = await fleet.primary();
	const standby = fleet.pair.find(member => member !== first) ?? first;
	await until(() => isInStep(standby), {timeoutMs: PATIENCE_MS, what: 'a copy that can take over'});
	const hasMoved = async (): Promise<boolean> => (await fleet.primary().catch(() => first)) !== first;
	if (way === 'kill') await first.kill();
	else if (way === 'freeze') first.freeze();
	else
		for (let tries = 0; tries < 5 && !(await hasMoved()); tries++) {
			// A replica that has not caught up in time gives it up, and says so in its log alone.
			await fleet.failOver();
			await until(hasMoved, {timeoutMs: 6000, what: ''}).catch(() => undefined);
		}
	await until(hasMoved, {timeoutMs: PATIENCE_MS, what: `another primary (${way})`});
	if (way === 'kill') await first.restart();
	else if (way === 'freeze') first.unfreeze();
	// Sentinels take half a minute to do the same; a Cluster knows by itself, and refuses.
	const now = await fleet.primary();
	if (way !== 'in order' && now !== first) await first.ask('REPLICAOF', '127.0.0.1', now.port).catch(() => undefined);
	const isWhole = async (): Promise<boolean> => (await Promise.all(fleet.pair.map(isInStep))).some(Boolean);
	await until(isWhole, {timeoutMs: PATIENCE_MS * 2, what: `a copy of the new primary (${way})`});
};

/** Tasks are submitted all the while: which of those that were told as accepted are gone, and which are there twice. */
const judge = async (primary: Member, accepted: readonly string[]): Promise<{lost: readonly string[]; twice: readonly string[]}> => {
	const lost: string[] = [];
	for (const id of accepted) if ((await primary.ask('HEXISTS', `${NAMESPACE}:tasks:status:${id}`, 'state')) !== 1) lost.push(id);
	const entries = (await primary.ask('XRANGE', `${NAMESPACE}:events`, '-', '+')) as readonly (readonly [string, readonly string[]])[];
	const submitted = entries
		.map(([, fields]) => namesAndValues(fields))
		.filter(fields => fields[fields.indexOf('type') + 1] === 'task_submitted');
	const times = Map.groupBy(submitted, fields => fields[fields.indexOf('task') + 1] ?? '');
	return {lost, twice: [...times].filter(([, all]) => all.length > 1).map(([id]) => id)};
};

const run = async (scope: Scope, {kind, isReplicated, rounds, seed}: FailoverPlan): Promise<Outcome> => {
	const random = createRandom(seed);
	const fleet = await (kind === 'sentinel' ? startSentinelFleet(scope) : startClusterFleet(scope, NAMESPACE));
	const connection = await connectRedis({
		...{url: fleet.url, namespace: NAMESPACE, password: FLEET_PASSWORD},
		...(kind === 'sentinel' ? {sentinelPassword: SENTINEL_PASSWORD} : {}),
		...(fleet.ca === undefined ? {} : {ca: readFileSync(fleet.ca, 'utf8')}),
	});
	const coordination = createCoordination({connection, namespace: NAMESPACE, newOpId: randomUUID, isReplicated});
	const accepted: string[] = [];
	const waits: number[] = [];
	let heard = 0;
	let isOver = false;
	const submits = async (worker: number): Promise<void> => {
		for (let at = 0; !isOver; at++) {
			const id = `w${worker}-${at}`;
			const since = performance.now();
			const answer = await coordination.submit(submission({id})).catch((error: unknown) => {
				if (!(error instanceof RedisLost)) throw error;
				return undefined;
			});
			if (answer?.code === 'ok') accepted.push(id);
			waits.push(performance.now() - since);
			await wait(20);
		}
	};
	const listens = async (): Promise<void> => {
		for (let since = '0-0'; !isOver; ) {
			const events = await coordination.tail(since, 500).catch(() => []);
			heard += events.length;
			since = events.at(-1)?.id ?? since;
			if (events.length === 0) await wait(20);
		}
	};
	const working = [...Array.from({length: WORKERS}, (_, worker) => submits(worker)), listens()];
	try {
		for (let round = 0; round < rounds; round++) {
			await changePrimary(fleet, random.pick(WAYS) ?? 'kill');
			const [before, heardBefore] = [accepted.length, heard];
			const goesOn = (): boolean => accepted.length > before + WORKERS && heard > heardBefore;
			const what = (): string =>
				`work on the new primary: ${accepted.length - before} tasks, ${heard - heardBefore} entries heard; ${connection.problem}`;
			// Two failovers of a Cluster within a second may end under the epoch of the first (Redis 8.0): then its nodes do not agree any more.
			await wait(SETTLED_MS);
			await until(goesOn, {timeoutMs: PATIENCE_MS, what});
		}
	} finally {
		isOver = true;
		await Promise.all(working);
		connection.close();
	}
	const {lost, twice} = await judge(await fleet.primary(), accepted);
	return {
		// With `local` a failover may lose the last that was accepted: nothing else is promised, and it shows that these failovers are rough.
		violations: [
			...(isReplicated ? lost.map(id => `${id} was accepted and is lost`) : []),
			...twice.map(id => `${id} was submitted twice`),
		],
		figures: `${rounds} failovers, ${accepted.length} tasks accepted, ${lost.length} lost, ${twice.length} twice, ${heard} entries heard, longest answer ${Math.round(Math.max(...waits))} ms`,
	};
};

/** One run with servers of its own; whatever becomes of it, none is left behind. */
export const runFailovers = async (plan: FailoverPlan): Promise<Outcome> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-fail-'));
	const ends: (() => Promise<void>)[] = [];
	try {
		return await run({folder: name => mkdtempSync(join(folder, name)), onEnd: end => void ends.push(end)}, plan);
	} finally {
		await Promise.all(ends.map(end => end()));
		rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
	}
};
