import {setTimeout as wait} from 'node:timers/promises';
import type {Lease} from '../../core/team/coordination.ts';
import {endTree} from '../../os/process-tree.ts';
import type {SocketServer} from '../../socket/server.ts';
import {terminate} from '../attempt/end.ts';
import type {RoomEnd, Terminals, Unanswered} from '../parts/options.ts';
import {chosenFor, type Room} from '../parts/parts.ts';
import {isClaiming} from '../parts/slot.ts';
import {STATE_MARK} from '../prepare/environment.ts';
import type {RoomRedis} from '../redis/redis.ts';
import {tally} from './until-empty.ts';

/** Time for agents to end by themselves when the room ends, ms. */
const STOP_GRACE_MS = 3000;
/** Time limit for the last writes when Redis does not answer, ms; then the next start takes the leases back. */
const LAST_WRITES_MS = 5000;

/** Claims and endings in progress finish first (bounded): nothing stays leased for being between two steps. */
const settle = async ({slots, lifecycle}: Pick<Room, 'slots' | 'lifecycle'>): Promise<void> => {
	const deadline = performance.now() + STOP_GRACE_MS;
	const isUnderWay = (): boolean => lifecycle.cleaning.size > 0 || slots.all().some(slot => isClaiming(slot) || slot.now.kind === 'ending');
	while (isUnderWay() && performance.now() < deadline) await wait(20);
};

/** Returns everything: ends processes, saves work, releases tasks at no cost, marks agents as stopped. */
const handBack = async (room: Room, reason: string): Promise<void> => {
	const {facts, link, slots, lifecycle} = room;
	const closeAgents = (): Promise<readonly Lease[]> =>
		link
			.retryUntilWritten(() => link.coordination.closeAgents(slots.team().map(agent => agent.id)))
			.catch((error: unknown): readonly Lease[] => {
				facts.log(`closing agents: ${error instanceof Error ? error.message : String(error)}`);
				return [];
			});
	// Nothing is returned while an agent of this room still waits: it would be assigned there. Repeated after the pending results are written, for one
	// may have brought another task: what has not started is returned too. Processes are ended meanwhile, also while Redis is away.
	const first = closeAgents();
	await settle(room);
	const closed = first.then(closeAgents);
	const release = async (held: Lease, fields: Readonly<Record<string, string>>): Promise<unknown> => {
		await closed;
		return link.retryUntilWritten(() => link.coordination.release({...held, reason, to: chosenFor(room, held.task), fields}));
	};
	const handed = await Promise.allSettled([
		...slots.all().flatMap(({agent, now}) => {
			// Its workspace may take longer than the stop: from here on its token starts nothing.
			if (now.kind === 'preparing') return [release(now.lease, {})];
			if (now.kind !== 'running') return [];
			const {attempt} = now;
			const held = {agent: agent.id, task: attempt.task.id, token: attempt.token};
			return [terminate(room, attempt, {reason, graceMs: STOP_GRACE_MS, keepsSession: true}, fields => release(held, fields))];
		}),
		closed.then(leases => Promise.all(leases.filter(({token}) => !lifecycle.begun.has(token)).map(held => release(held, {})))),
	]);
	for (const result of handed) if (result.status === 'rejected') facts.log(`releasing tasks: ${String(result.reason)}`);
	for (const agent of slots.team()) await link.coordination.updateAgent(agent.id, {status: 'stopped'}, '');
	await link.coordination.leaveTeam(facts.roomId);
};

export type Ending = {
	readonly redis: RoomRedis;
	readonly terminals: Terminals;
	/** In the order in which they are closed: the user's last. */
	readonly sockets: ReadonlyArray<Pick<SocketServer, 'close'>>;
	readonly untilEmpty: boolean;
	readonly unanswered: readonly Unanswered[];
	/** Stops the room's timers. */
	readonly halt: () => void;
};

/** Ends a room in order. Guarantee: bounded in time, and it always ends, whatever part of it fails. */
export const stopRoom = async (
	room: Room,
	reason: string,
	{redis, terminals, sockets, untilEmpty, unanswered, halt}: Ending,
): Promise<RoomEnd> => {
	const {facts, link, record, slots, lifecycle} = room;
	/** A failed step of the shutdown does not prevent the others. */
	const goDown = async (what: string, work: () => unknown): Promise<void> => {
		try {
			await work();
		} catch (error) {
			facts.log(`${what}: ${error instanceof Error ? error.message : String(error)}`);
		}
	};
	lifecycle.close();
	await Promise.race([
		goDown('releasing tasks', () => handBack(room, reason)),
		wait(STOP_GRACE_MS + LAST_WRITES_MS, undefined, {ref: false}),
	]);
	// A `setup` still making a worktree, processes that hid from their attempt, and what outlasted the time above.
	await goDown('ending remaining programs', () => endTree({pid: 0, startTime: ''}, [STATE_MARK, facts.paths.stateFolder], {graceMs: 0}));
	const counts = tally(record.team());
	const isUndecided = link.isRecovering();
	halt();
	await goDown('detaching terminals', () => terminals.sendHome(reason));
	record.close();
	for (const {pane} of slots.all()) pane.dispose();
	await goDown('closing Redis', () => redis.close());
	facts.refusals.close();
	// The user's socket is closed last: once it is gone another room may start, and must not meet a Redis that is about to stop.
	for (const socket of sockets) await goDown('closing a socket', () => socket.close());
	// Task counts of a Redis that lost its data mean nothing.
	if (untilEmpty && isUndecided) return {...counts, reason, unanswered, exitCode: 3};
	const isLeft = untilEmpty && (counts.open > 0 || record.team().control.stray !== '');
	return {...counts, reason, unanswered, exitCode: counts.failed > 0 || isLeft ? 1 : 0};
};
