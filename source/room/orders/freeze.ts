import {setTimeout as wait} from 'node:timers/promises';
import {type AgentStatus, agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import {plannedAgent, type Room} from '../parts/parts.ts';
import {isClaiming} from '../parts/slot.ts';
import {interrupt} from '../session/interrupt.ts';
import {undecided} from './undecided.ts';

/** A process that goes on again does so within this, ms. */
const GOES_ON_MS = 3000;

const notFrozen = refusal('refused', 'Nothing is frozen.', 'Freeze with `agent-room freeze`.');

/**
 * Ends the freeze for some agents; the others stay stopped, each paused by name. Guarantee: nobody else goes on in between, since they are
 * paused before the freeze ends, and where that fails it does not end.
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
 * Ends the freeze and the running turns with it: nothing new is handed out, and every agent program is told to stop by its own key and waits for
 * a person. Programs of the room itself (tests, merges) go on to their end.
 */
export const interruptAll = async (room: Pick<Room, 'link' | 'record' | 'slots'>): Promise<ActionResult> => {
	const refused = await undecided(room);
	if (refused) return refused;
	if (!room.record.getFresh().team.control.frozen) return notFrozen;
	// In one step: nobody is handed anything between the two.
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

/** An agent that does one of these is in a turn; in any other its turn is over, or only a person could go on with it. */
const IN_A_TURN: readonly AgentStatus[] = ['starting', 'working', 'stalled', 'unknown', 'finished'];
const BANNER = 'stop-when-idle';

/** Who is still in a turn, by name and in the order of the team: it does not follow from who began first. */
const busy = ({record, slots}: Pick<Room, 'record' | 'slots'>): readonly string[] => {
	const {agents, control} = record.team();
	const goesOn = !control.frozen && !control.paused;
	const running = slots.attempts().filter(({agent: {id}}) => {
		const {status, paused} = agents.get(id) ?? {status: 'idle' as const, paused: false};
		// Who stood still with all others, and is said to still, is about to go on.
		return IN_A_TURN.includes(status) || (status === 'paused' && !paused && goesOn);
	});
	const all = [...running, ...slots.all().filter(isClaiming)].map(({agent}) => agent.id);
	return all.toSorted((one, other) => one.localeCompare(other, 'en', {numeric: true})).map(agentName);
};

/**
 * Hands nothing out any more and ends the room as soon as no turn runs, tests and merges included; what rests then is saved and goes back to
 * the queue. Whoever hands out again (`P`) calls it off. The drain is lifted at the end, when nobody of this room waits any more: the next
 * room begins as a person left this one.
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
		hasBegun ||= now.drained;
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
		(): ActionResult => {
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
