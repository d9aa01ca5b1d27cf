import {setTimeout as wait} from 'node:timers/promises';
import {chosenFor, type Room} from '../parts/parts.ts';
import {isFree, type Slot} from '../parts/slot.ts';
import type {Lead} from '../recovery/lead.ts';

/** A room that drains looks this often whether it has finished, ms. */
const LOOK_MS = 100;

type Draining = Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'> & {readonly lead: Lead};

/** Takes this room's agents out of the line and gives back what was handed to them and nothing here has started. */
const leaveLine = async (room: Draining): Promise<void> => {
	const {link, slots, lifecycle} = room;
	const leases = await link.coordination.closeAgents(slots.team().map(({id}) => id));
	for (const held of leases)
		if (!lifecycle.begun.has(held.token))
			await link.coordination.release({...held, reason: 'its machine is shutting down', to: chosenFor(room, held.task), fields: {}});
	// Listed as idle, they would seem to wait for work.
	for (const slot of slots.all()) if (isFree(slot)) await link.coordination.updateAgent(slot.agent.id, {status: 'stopped'}, '');
};

/**
 * Lets a room run dry: from here on it takes no task and does not lead, and what runs goes on as ever. Resolves when nothing runs any more, after `graceMs`, or
 * once `isCut`. Never throws: a stop follows, which gives back whatever is left.
 */
export const drainRoom = async (
	room: Draining,
	{graceMs, isCut}: {readonly graceMs: number; readonly isCut: () => boolean},
): Promise<void> => {
	const {facts, lead, slots, lifecycle} = room;
	const deadline = performance.now() + graceMs;
	lifecycle.close();
	// Merges and tests of the whole team wait for the one that leads: it must not take the grace to let go.
	await lead.resign();
	void leaveLine(room).catch(error => facts.log(`draining: ${error instanceof Error ? error.message : String(error)}`));
	// What was handed over and has not begun is given back by the stop.
	const isOver = (slot: Slot): boolean => isFree(slot) || slot.now.kind === 'handed';
	const isDone = (): boolean => slots.all().every(isOver) && lifecycle.cleaning.size === 0;
	while (!isDone() && !isCut() && performance.now() < deadline) await wait(Math.min(LOOK_MS, Math.max(1, deadline - performance.now())));
};
