import type {Lease} from '../../core/team/coordination.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import type {Attempt} from './attempt.ts';
import {attemptIn, leasesIn, type Slot} from './slot.ts';

/** The agents of this room, as everybody sees them. Whoever may change them has `movesOf` besides. */
export type Slots = {
	/** In the order in which they joined. A slot never changes: what it was before a step can be compared with what it is after. */
	all(): readonly Slot[];
	get(agent: string): Slot | undefined;
	team(): readonly PlannedAgent[];
	pane(agent: string): Pane | undefined;
	/** What an agent has a process of, or what is being ended. */
	attempt(agent: string): Attempt | undefined;
	attempts(): readonly Attempt[];
	/** Every lease that this room answers for: those that are prepared, worked on, ended and written down, or handed over meanwhile. */
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
