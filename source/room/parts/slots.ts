import type {Lease} from '../../core/team/coordination.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Attempt} from './attempt.ts';
import {attemptIn, leasesIn, type Slot} from './slot.ts';

/** The agents of this room, read-only; changes need `movesOf`. */
export type Slots = {
	/** In the order in which they joined. A slot is immutable, so states before and after a step can be compared. */
	all(): readonly Slot[];
	get(agent: string): Slot | undefined;
	team(): readonly PlannedAgent[];
	pane(agent: string): Pane | undefined;
	/** The attempt of an agent whose process runs, or that is ending. */
	attempt(agent: string): Attempt | undefined;
	attempts(): readonly Attempt[];
	/** Every lease that this room must keep alive: prepared, running, ending, or assigned meanwhile. */
	leases(): readonly Lease[];
};

export const readSlots = (slots: ReadonlyMap<string, Slot>): Slots => {
	const all = (): readonly Slot[] => [...slots.values()];
	return {
		all,
		get: agent => slots.get(agent),
		team: () => all().map(({agent}) => agent),
		pane: agent => slots.get(agent)?.pane,
		attempt: agent => {
			const slot = slots.get(agent);
			return slot && attemptIn(slot);
		},
		attempts: () => all().flatMap(slot => attemptIn(slot) ?? []),
		leases: () => all().flatMap(leasesIn),
	};
};
