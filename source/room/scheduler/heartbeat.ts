import {availableParallelism, freemem, loadavg} from 'node:os';
import {parseTask} from '../../core/task/task.ts';
import type {Lease} from '../../core/team/coordination.ts';
import {heartbeatTtl} from '../../core/team/rooms.ts';
import type {Attempt} from '../parts/attempt.ts';
import {type Room, tokensOf} from '../parts/parts.ts';
import {isClaiming, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {takeBackLease} from '../recovery/recover.ts';
import {beginHanded} from './claim.ts';
import {cancelSuperseded} from './execute.ts';

/** Time for the tests of a batch that is no longer whole to stop by themselves, ms. */
const BATCH_GRACE_MS = 1500;

/**
 * Returns a lease that Redis has for this room but no attempt here, since its result could not be written. No process works under it and its
 * heartbeat moves with the room's, so no deadline would ever free it. Never throws. No heartbeat waits for it: git may need longer to save the work
 * than a lease lasts.
 */
const returnUnknown = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
	{agent, task, token}: Lease,
): Promise<void> => {
	room.facts.log(`${agent} held ${task} but was not running it: released`);
	const known = room.record.team().tasks.get(task);
	room.lifecycle.returning.add(token);
	try {
		await takeBackLease(
			room,
			known?.token === token ? known : {...parseTask(task, {}), owner: agent, token},
			'it was no longer running',
			'It was no longer running; committed by agent-room.',
		);
	} catch (error) {
		room.facts.log(`releasing ${task}: ${error instanceof Error ? error.message : String(error)}`);
	} finally {
		room.lifecycle.returning.delete(token);
	}
};

/** Tasks of this room's agents that have not started: the agent rests or still leaves its last workspace. The lock of such a task must not lapse. */
const notYetBegun = (
	{facts, record, slots, lifecycle}: Pick<Room, 'facts' | 'record' | 'slots' | 'lifecycle'>,
	known: ReadonlySet<string>,
): readonly Lease[] =>
	slots.team().flatMap(({id}) => {
		const agent = record.team().agents.get(id);
		const isOurs = agent !== undefined && agent.token !== '' && agent.room === facts.roomId && !lifecycle.begun.has(agent.token);
		return isOurs && !known.has(agent.token) ? [{agent: id, task: agent.task, token: agent.token}] : [];
	});

/** Redis knows best which agents wait; an agent that moved since the request is judged by that move. */
const noteWaiting = ({slots}: Pick<Room, 'slots'>, before: readonly Slot[], waiting: ReadonlySet<string>): void => {
	for (const {agent, now} of before) {
		if (slots.get(agent.id)?.now !== now) continue;
		const waits = waiting.has(agent.id);
		if (now.kind === 'idle' && waits) movesOf(slots).move(agent.id, {type: 'wait'});
		if (now.kind === 'waiting' && !waits) movesOf(slots).move(agent.id, {type: 'stop-waiting'});
	}
};

/** Only another entry of its batch was taken away, as far as the record says. */
const isStillFirst = ({record}: Pick<Room, 'record'>, {agent, entries, task, token}: Attempt): boolean =>
	agent.program === 'test' && entries.length > 1 && record.team().tasks.get(task.id)?.token === token;

/** An entry was cancelled or reassigned during its tests: what was built with it is tested again, at no cost. */
const endBatch = ({facts}: Pick<Room, 'facts'>, attempt: Attempt): void => {
	if (attempt.isEnding) return;
	attempt.endReason = 'a task of its batch was taken out of the merge queue: retested';
	attempt.end(BATCH_GRACE_MS).catch(error => facts.log(`ending the tests of ${attempt.task.id}: ${String(error)}`));
};

/** One call for the whole room: heartbeats, and the renewal of every lease that is prepared, running, paused, ending or being written. */
export const beat = async (room: Room): Promise<void> => {
	const before = room.slots.all();
	const tokensBefore = tokensOf(room);
	const held = [...room.slots.leases(), ...notYetBegun(room, new Set(tokensBefore))];
	const result = await room.link.coordination.heartbeat({
		room: room.facts.roomId,
		leaseMs: room.facts.config.lease,
		ttlMs: heartbeatTtl(room.facts.config.lease),
		agents: before.map(({agent}) => agent.id),
		held,
		load: Math.round((100 * (loadavg()[0] ?? 0)) / availableParallelism()),
		memory: freemem(),
		draining: !room.lifecycle.isOpen(),
		reaches: room.merges.remote.problem === '',
	});
	room.record.setClockOffset(result.now - Date.now());
	room.record.setBeats(new Map(before.map(({agent}) => [agent.id, result.now])));
	// A Redis that lost data must not judge what this room holds: a human decides first.
	if (room.link.isRecovering() || (result.stale.length > 0 && (await room.link.hasLostData()))) return;
	for (const attempt of room.slots.attempts()) {
		if (!result.stale.includes(attempt.token)) continue;
		if (isStillFirst(room, attempt)) endBatch(room, attempt);
		else
			cancelSuperseded(room, attempt.agent.id, 'its lease was reassigned').catch(error =>
				room.facts.log(`abandoning ${attempt.task.id}: ${String(error)}`),
			);
	}
	const known = new Set([...tokensBefore, ...tokensOf(room), ...room.lifecycle.returning]);
	noteWaiting(room, before, new Set(result.waiting));
	const asking = new Set([...before, ...room.slots.all()].flatMap(slot => (isClaiming(slot) ? [slot.agent.id] : [])));
	for (const lease of result.leases) {
		if (known.has(lease.token) || asking.has(lease.agent)) continue;
		// An assigned task whose wake-up was lost starts now; one that was started before is returned.
		if (room.lifecycle.isOpen() && !room.lifecycle.begun.has(lease.token))
			void beginHanded(room, lease).catch(error => room.facts.log(`starting ${lease.task}: ${String(error)}`));
		else void returnUnknown(room, lease);
	}
};
