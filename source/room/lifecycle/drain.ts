import {setTimeout as wait} from 'node:timers/promises';
import {chosenFor, type Room} from '../parts/parts.ts';
import {isFree, type Slot} from '../parts/slot.ts';
import type {Lead} from '../recovery/lead.ts';

/** How often a draining room checks whether it has finished, ms. */
const LOOK_MS = 100;

type Draining = Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'> & {readonly lead: Lead};

/** Takes this room's agents out of the waiting line and returns assigned tasks that have not started here. */
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
 * Drains a room: it takes no more tasks and does not lead, and running work continues. Resolves when nothing runs any more, after `graceMs`, or once
 * `isCut`. Never throws: a stop follows, which returns whatever is left.
 */
export const drainRoom = async (
	room: Draining,
	{graceMs, isCut}: {readonly graceMs: number; readonly isCut: () => boolean},
): Promise<void> => {
	const {facts, lead, slots, lifecycle} = room;
	const deadline = performance.now() + graceMs;
	lifecycle.close();
	// Merges and tests of the whole team wait for the leader: it must resign first, not after the grace.
	await lead.resign();
	void leaveLine(room).catch(error => facts.log(`draining: ${error instanceof Error ? error.message : String(error)}`));
	// The stop returns assigned tasks that have not started.
	const isOver = (slot: Slot): boolean => isFree(slot) || slot.now.kind === 'handed';
	const isDone = (): boolean => slots.all().every(isOver) && lifecycle.cleaning.size === 0;
	while (!isDone() && !isCut() && performance.now() < deadline) await wait(Math.min(LOOK_MS, Math.max(1, deadline - performance.now())));
};
