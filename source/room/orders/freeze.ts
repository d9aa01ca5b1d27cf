import {setTimeout as wait} from 'node:timers/promises';
import {type AgentStatus, agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {isNewer} from '../../core/team/snapshot.ts';
import {refusal} from '../../core/text/refusal.ts';
import {plannedAgent, type Room} from '../parts/parts.ts';
import {isClaiming} from '../parts/slot.ts';
import {interrupt} from '../session/interrupt.ts';
import {undecided} from './undecided.ts';

/** A resumed process runs again within this, ms. */
const GOES_ON_MS = 3000;

const notFrozen = refusal('refused', 'Nothing is frozen.', 'Freeze with `agent-room freeze`.');

/**
 * Ends the freeze for some agents; the others stay stopped, each paused individually. Guarantee: no other agent continues in between, since they are
 * paused before the freeze ends; if that fails, it does not end.
 */
export const resumeOnly = async ({link, record}: Pick<Room, 'link' | 'record'>, agents: readonly string[]): Promise<ActionResult> => {
	const refused = await undecided({link});
	if (refused) return refused;
	const {control, agents: known} = record.getFresh().team;
	if (!control.frozen) return notFrozen;
	const wanted = new Set(agents.map(parseAgentId));
	const missing = [...wanted].find(id => !known.has(id));
	if (missing) return refusal('gone', `Unknown agent \`${agentName(missing)}\`.`, 'List agents with `agent-room agents`.');
	for (const {id, paused, status} of known.values())
		if (!wanted.has(id) && !paused && status !== 'stopped')
			await link.coordination.updateAgent(id, {paused: '1', status: 'paused', reason: 'paused by you'}, 'paused by you');
	await link.coordination.control({frozen: false}, 'some agents resumed, the others are paused');
	record.setPausedHere('freeze', false);
	return {
		ok: true,
		text: `${[...wanted].map(agentName).join(', ')} resumed; the others stay paused individually`,
	};
};

/**
 * Ends the freeze and the running turns: no new tasks start, every agent program is interrupted by its own key and waits for a human. The room's own
 * programs (tests, merges) finish.
 */
export const interruptAll = async (room: Pick<Room, 'link' | 'record' | 'slots'>): Promise<ActionResult> => {
	const refused = await undecided(room);
	if (refused) return refused;
	if (!room.record.getFresh().team.control.frozen) return notFrozen;
	// In one step: no task is assigned between the two.
	await room.link.coordination.control({frozen: false, drained: true}, 'turns interrupted instead of frozen');
	room.record.setPausedHere('freeze', false);
	const running = room.slots.attempts().filter(({agent}) => !plannedAgent(room, agent.id)?.program);
	const told = await Promise.all(
		running.map(async attempt => {
			for (const until = performance.now() + GOES_ON_MS; attempt.isPaused && performance.now() < until; ) await wait(20);
			return attempt.isEnding ? undefined : interrupt(room, attempt);
		}),
	);
	const done = told.filter(result => result?.ok).length;
	return {ok: true, text: `${done} ${done === 1 ? 'turn was' : 'turns were'} interrupted; no tasks are assigned until P`};
};

/** An agent with one of these statuses is in a turn; with any other its turn is over, or only a human can continue it. */
const IN_A_TURN: readonly AgentStatus[] = ['starting', 'working', 'stalled', 'unknown', 'finished', 'retrying', 'rate-limited'];
const BANNER = 'stop-when-idle';

/** The agents still in a turn, by name and in the order of the team, not of their starts. */
const busy = ({record, slots}: Pick<Room, 'record' | 'slots'>): readonly string[] => {
	const {agents, control} = record.team();
	const goesOn = !control.frozen && !control.paused;
	const running = slots.attempts().filter(({agent: {id}}) => {
		const {status, paused} = agents.get(id) ?? {status: 'idle' as const, paused: false};
		// An agent still shown as paused with all others is about to continue.
		return IN_A_TURN.includes(status) || (status === 'paused' && !paused && goesOn);
	});
	const all = [...running, ...slots.all().filter(isClaiming)].map(({agent}) => agent.id);
	return all.toSorted((one, other) => one.localeCompare(other, 'en', {numeric: true})).map(agentName);
};

/**
 * Assigns no more tasks and ends the room as soon as no turn runs, tests and merges included; then saves what is idle and returns it to the queue.
 * Resuming (`P`) cancels it. The drain is lifted at the end, when no agent of this room waits any more, so that the next room starts as you left
 * this one.
 */
export const stopWhenIdle = (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	end: (reason: string) => void,
): Promise<ActionResult> => {
	const {control} = room.record.getFresh().team;
	if (control.frozen || control.paused)
		return Promise.resolve(refusal('refused', 'Everything is frozen, so no turn will end.', 'Unfreeze first, or stop the room now.'));
	const {drained} = control;
	let isOver = false;
	let hasBegun = drained;
	/** The record holds the drain from this entry on, though it may never be seen there: what ends it can come in the same step. */
	let drainedBy = '';
	const finish = async (): Promise<void> => {
		room.lifecycle.close();
		try {
			await room.link.coordination.closeAgents(room.slots.team().map(({id}) => id));
			if (!drained) await room.link.coordination.control({drained: false}, 'the last turn has ended');
		} catch (error) {
			room.facts.log(`stopping after current turns: ${error instanceof Error ? error.message : String(error)}`);
		}
		end('the last turn has ended');
	};
	const look = (): void => {
		if (isOver) return;
		const now = room.record.team().control;
		hasBegun ||= now.drained || (drainedBy !== '' && !isNewer(drainedBy, room.record.team().streamId));
		const names = busy(room);
		const isOff = hasBegun && !now.drained;
		isOver = isOff || !room.lifecycle.isOpen() || (hasBegun && names.length === 0 && room.lifecycle.cleaning.size === 0);
		const text = `Stopping after current turns: ${names.slice(0, 4).join(', ')}${names.length > 4 ? ` +${names.length - 4}` : ''}. P resumes.`;
		room.record.setBanner(BANNER, isOver ? undefined : {severity: 'warning', text});
		if (!isOver) return;
		unsubscribe();
		if (!isOff && room.lifecycle.isOpen()) void finish();
	};
	const unsubscribe = room.record.subscribe(look);
	return room.link.coordination.control({drained: true}, 'the room stops after current turns').then(
		async (): Promise<ActionResult> => {
			drainedBy = await room.link.coordination.snapshot().then(
				({team}) => team.streamId,
				() => '',
			);
			look();
			const count = busy(room).length;
			return {
				ok: true,
				text:
					count === 0
						? 'no turn is running: the room stops'
						: `the room stops after ${count === 1 ? 'the running turn' : `${count} running turns`}`,
			};
		},
		error => {
			isOver = true;
			unsubscribe();
			throw error;
		},
	);
};
