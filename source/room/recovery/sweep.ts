import type {TakenEntry} from '../../core/intake/external-workers.ts';
import type {Swept} from '../../core/team/coordination.ts';
import {type Subscriber, WRITTEN} from '../../redis/subscriber.ts';
import {handoffOfLease} from '../attempt/handoff.ts';
import {lostFields} from '../parts/merge-queue.ts';
import {type Room, tokensOf} from '../parts/parts.ts';
import {trying} from '../parts/replies.ts';
import {movesOf} from '../parts/slot-moves.ts';
import type {RoomRedis} from '../redis/redis.ts';
import {createLiveness, type Liveness} from '../team/liveness.ts';
import {admitEntries, adopt, carryOutWords, hear} from './external-workers.ts';

/** Records what was found to be gone; each step is refused if something has changed meanwhile. */
const carryOutVerdict = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'merges'>,
	verdict: ReturnType<Liveness['observe']>,
): Promise<void> => {
	for (const {room: gone, beat} of verdict.rooms) {
		room.facts.log(`room ${gone} is unreachable: no heartbeat for a whole lease`);
		await trying(room, `expiring ${gone}`, async () => {
			while ((await room.lead.as(() => room.link.coordination.expire(gone, beat))) === 'more');
		});
	}
	for (const agent of verdict.externalWorkers)
		await trying(room, `expiring ${agent}`, () => room.lead.as(() => room.link.coordination.expire(agent, 0)));
	const takeBack = async (task: string, token: string, reason: string, isProven: boolean): Promise<unknown> => {
		const known = await room.link.coordination.task(task);
		const isIt = known?.token === token;
		const isBatch = isIt && known.stage === 'test' && known.batch > 1;
		const fields = isIt
			? {
					...(await handoffOfLease(room, known, {reason, commit: known.commit})),
					...lostFields(known),
					// The next batch is half as large: tests that end their machine are found out, alone at last.
					...(isBatch ? {batch: String(known.batch)} : {}),
				}
			: {};
		// An interrupted merge is never the fault of the merged work, nor a test that covered other work too.
		const counts = !isIt || (known.stage !== 'merge' && !isBatch);
		return room.lead.as(() => room.link.coordination.reclaim({task, token, reason, isProven, fields, counts, delayMs: 0}));
	};
	for (const {task, token} of verdict.leases)
		await trying(room, `reclaiming ${task}`, () =>
			takeBack(task, token, 'its agent was unreachable: no heartbeat for a whole lease', false),
		);
	for (const {task, token} of verdict.externalLeases)
		await trying(room, `reclaiming ${task}`, () => takeBack(task, token, 'its external agent sent no heartbeat', true));
};

/** When each external worker's heartbeat last changed, by the server's clock. */
type Moves = Map<string, {readonly stamp: string; readonly at: number}>;

const showBeats = ({record}: Pick<Room, 'record'>, moves: Moves, {externalWorkers, now}: Swept): void => {
	const beating = externalWorkers.filter(({stamp}) => stamp !== 'never' && stamp !== 'gone');
	for (const {agent, stamp} of beating) if (moves.get(agent)?.stamp !== stamp) moves.set(agent, {stamp, at: now});
	const agents = record.team().agents;
	for (const agent of moves.keys()) if (!agents.has(agent)) moves.delete(agent);
	if (beating.length > 0) record.setBeats(new Map(beating.map(({agent}) => [agent, moves.get(agent)?.at ?? now])));
};

/** Agents of other rooms have the heartbeat of their room. */
const showBeatsElsewhere = ({facts, record}: Pick<Room, 'facts' | 'record'>, {rooms}: Swept): void => {
	const beats = new Map(rooms.filter(({room, beat}) => room !== facts.roomId && beat > 0).map(({room, beat}) => [room, beat]));
	if (beats.size === 0) return;
	const known = record.getSnapshot().beats;
	const fresh = [...record.team().agents.values()].flatMap(({id, room, status}) => {
		const beat = status === 'stopped' || status === 'unreachable' ? undefined : beats.get(room);
		return beat === undefined || beat === known.get(id) ? [] : [[id, beat] as const];
	});
	if (fresh.length > 0) record.setBeats(new Map(fresh));
};

type Taken = {
	/** External workers whose lists of what they took may have changed. */
	readonly takers: readonly string[];
	/** Kept until a leader has noted them. */
	readonly missed: TakenEntry[];
	readonly takenUnseen: RoomRedis['takenUnseen'];
};

/**
 * One sweep: due delayed tasks become ready, entries of external programs become tasks, and leases without a heartbeat are reclaimed. Returns in how
 * many ms the next one is due at the latest (undefined: the usual time). `isQuiet`: no entry came in, so the state shows every task.
 */
const sweep = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'slots' | 'merges'>,
	liveness: Liveness,
	moves: Moves,
	{takers, missed, takenUnseen}: Taken,
): Promise<{readonly nextMs: number | undefined; readonly isQuiet: boolean}> => {
	if (room.link.isRecovering()) return {nextMs: undefined, isQuiet: false};
	const isLeading = room.lead.isOurs();
	missed.push(...(await takenUnseen()));
	if (isLeading && missed.length > 0) {
		await room.lead.as(() => room.link.coordination.noteTaken(missed));
		missed.length = 0;
	}
	const swept = await room.link.coordination.sweep(room.lead.token() || '-', takers);
	const ours = new Set(tokensOf(room));
	// Claims that gave nothing (because of an external lock that expires) are repeated now and then.
	movesOf(room.slots).askAgain();
	const verdict = liveness.observe(
		{
			...swept,
			expired: swept.expired.filter(lease => !ours.has(lease.token)),
			rooms: swept.rooms.filter(({room: other}) => other !== room.facts.roomId),
		},
		{now: performance.now(), isJudge: isLeading},
	);
	showBeatsElsewhere(room, swept);
	if (!isLeading) return {nextMs: undefined, isQuiet: true};
	showBeats(room, moves, swept);
	await room.lead.as(() => admitEntries(room, swept.entries));
	await carryOutVerdict(room, verdict);
	const taken = new Set(verdict.externalLeases.map(({token}) => token));
	await room.lead.as(() =>
		carryOutWords(
			room,
			swept.externalLeases.filter(({token}) => !taken.has(token)),
		),
	);
	return {nextMs: swept.isMore ? 0 : verdict.nextMs, isQuiet: swept.entries.length === 0};
};

const SWEEP_MS = 1000;
/** Hints within this time make one sweep. */
const SOON_MS = 20;

export type Sweeper = {
	/** Something may have changed: the next sweep comes at once. `takers`: external workers that wrote to lists of what they took. */
	soon(takers?: readonly string[]): void;
	/** True once a sweep has found nothing new: earlier entries of external programs are all known. */
	hasSwept(): boolean;
	stop(): void;
};

/**
 * Sweeps every second, or more often if a lease is shorter, one at a time; while another room leads it only reads. The sweep decides everything;
 * `soon` is for notifications, which only make it come sooner: each of them may be lost.
 */
export const startSweeper = (room: Room, {takenUnseen}: Pick<RoomRedis, 'takenUnseen'>): Sweeper => {
	const liveness = createLiveness(room.facts.config.lease);
	const moves: Moves = new Map();
	const takers = new Set<string>();
	const missed: TakenEntry[] = [];
	const usualMs = Math.min(SWEEP_MS, room.facts.config.lease);
	let timer: NodeJS.Timeout | undefined;
	let isBusy = false;
	let isAsked = false;
	let isStopped = false;
	let hasSwept = false;

	const plan = (ms: number): void => {
		clearTimeout(timer);
		if (!isStopped) timer = setTimeout(() => void run(), ms);
	};
	const run = async (): Promise<void> => {
		isBusy = true;
		isAsked = false;
		let nextMs: number | undefined;
		try {
			// Until a leader is known nothing is swept, and entries of external programs are unknown.
			if (room.link.isConnected() && room.lead.room() !== '') {
				const named = [...takers];
				const swept = await sweep(room, liveness, moves, {takers: named, missed, takenUnseen});
				if (!room.link.isRecovering()) for (const taker of named) takers.delete(taker);
				nextMs = swept.nextMs;
				hasSwept ||= swept.isQuiet;
				room.lifecycle.requestTick();
			}
		} catch (error) {
			room.facts.log(`sweep: ${error instanceof Error ? error.message : String(error)}`);
		}
		isBusy = false;
		plan(isAsked ? SOON_MS : Math.min(usualMs, Math.max(SOON_MS, Math.ceil(nextMs ?? usualMs))));
	};
	plan(0);
	return {
		soon: (named = []) => {
			for (const taker of named) takers.add(taker);
			if (isBusy) isAsked = true;
			else if (!isAsked) plan(SOON_MS);
			isAsked = true;
		},
		hasSwept: () => hasSwept,
		stop: () => {
			isStopped = true;
			clearTimeout(timer);
		},
	};
};

/** Changes that our own claims make in the intake are ignored. */
const OWN: readonly string[] = ['lrem', 'zrem'];
/** By then a lock of our own is in the record, ms. */
const KNOWN_MS = 100;

/**
 * Listens to what external programs publish about tasks, and to keyspace events (if the server sends them): the intake was written to, or a lock or
 * heartbeat has ended. All of it only makes the next sweep come at once. Messages on this room's own channel go to `onPanes`.
 */
export const startHints = (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	redis: RoomRedis,
	sweepSoon: Sweeper['soon'],
	onPanes?: (message: string) => void,
): Subscriber => {
	const name = (key: string): string => `${room.facts.options.namespace}:${key}`;
	const words = [name('events:task_completed'), name('events:task_failed')];
	const lock = name('locks:task:');
	const intake = [name('tasks:pending'), name('tasks:priority')];
	const taken = name('tasks:taken:');
	const panes = name(`panes:${room.facts.roomId}`);
	const sweepOnNews = (news: Promise<boolean>): void => {
		news
			.then(isNews => (isNews ? sweepSoon() : undefined))
			.catch(error => room.facts.log(`ignored a report of an external agent: ${error instanceof Error ? error.message : String(error)}`));
	};
	let isLooking = false;
	/** Lists that were written to while nobody listened; a user that may not look finds those of registered agents only. */
	const lookForTakers = async (): Promise<void> => {
		if (isLooking) return;
		isLooking = true;
		try {
			let cursor = '0';
			do {
				const found = await redis.connection.call('SCAN', cursor, 'MATCH', `${taken.replace(/[[\]*?\\]/g, '\\$&')}*`, 'COUNT', 1000);
				const [next, keys] = found as [unknown, readonly unknown[]];
				if (keys.length > 0) sweepSoon(keys.map(key => String(key).slice(taken.length)));
				cursor = String(next);
			} while (cursor !== '0');
		} catch {
			// Redis is away again: the next connection looks.
		}
		isLooking = false;
	};
	const isOfInterest = (key: string): boolean => key.startsWith(name('locks:')) || key.startsWith(name('heartbeat:'));
	return redis.listen({
		channels: database => [
			...words,
			...(onPanes ? [panes] : []),
			...intake.map(key => `__keyspace@${database}__:${key}`),
			`__keyevent@${database}__:expired`,
		],
		patterns: database => [`__keyspace@${database}__:${lock.replace(/[[\]*?\\]/g, '\\$&')}*`],
		tracked: [...intake, taken],
		onMessage: (channel, message) => {
			if (channel === panes) onPanes?.(message);
			else if (channel === WRITTEN) {
				const keys = message.split(',');
				const takers = keys.filter(key => key.startsWith(taken)).map(key => key.slice(taken.length));
				if (takers.length > 0 || keys.some(key => intake.includes(key))) sweepSoon(takers);
			} else if (words.includes(channel)) sweepOnNews(hear(room, message));
			else if (channel.startsWith('__keyevent')) {
				if (isOfInterest(message)) sweepSoon();
			} else if (channel.includes(lock)) {
				if (message !== 'set') return;
				const task = channel.slice(channel.indexOf(lock) + lock.length);
				setTimeout(() => sweepOnNews(adopt(room, task)), KNOWN_MS).unref();
			} else if (!OWN.includes(message)) sweepSoon();
		},
		onListening: () => {
			sweepSoon();
			void lookForTakers();
		},
	});
};
