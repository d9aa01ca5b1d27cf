import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import {isFree, type Move, moved, type Slot} from './slot.ts';
import {readSlots, type Slots} from './slots.ts';

/** Delay before a claim that Redis refuses (a full disk, say) is retried, ms: such a room must not count as busy claiming. */
const AGAIN_MS = 1000;
/** Rest of an agent after a crash, ms, doubled for each further one in a row. */
const REST_MS = 3000;
const LONGEST_REST_MS = 120_000;

/** All that changes what an agent does. A test lists the modules that may use it. */
export type SlotMoves = {
	/** Adds an idle member. */
	add(agent: PlannedAgent, pane: Pane): void;
	/** The agent gets no further task. */
	retire(agent: string): void;
	/** Removes it from the team; false if it still has something in progress. */
	remove(agent: string): boolean;
	/** False if the move is illegal now: then nothing changes, and the log says so. */
	move(agent: string, move: Move): boolean;
	/** It starts nothing for a while: Redis refused it, or it crashed; longer after each crash in a row. */
	rest(agent: string, why: 'refused' | 'crashed'): void;
	/** It ended well, or a human resumed it: clears its crashes and its rest. */
	forgive(agent: string): void;
	/** A claim gave it nothing at this newest entry of the record: it asks again after the next one. */
	giveUpAt(agent: string, streamId: string): void;
	/** Lets every agent ask again: a claim may succeed now. */
	askAgain(): void;
};

const movesOfSlots = new WeakMap<Slots, SlotMoves>();

export const movesOf = (slots: Slots): SlotMoves => {
	const moves = movesOfSlots.get(slots);
	if (!moves) throw new Error('these slots cannot be moved');
	return moves;
};

const told = ({now}: Slot): string => ('attempt' in now ? `${now.kind} ${now.attempt.task.id} under ${now.attempt.token}` : now.kind);

/**
 * The slots of a room. Guarantee: an agent's state changes by a legal move or not at all. So it gets no task while another of its tasks is in
 * progress, and a lease is kept alive until the room has finished with it.
 */
export const createSlots = (log: (line: string) => void, now: () => number = () => performance.now()): Slots => {
	const slots = new Map<string, Slot>();
	const change = (id: string, by: (slot: Slot) => Partial<Slot>): void => {
		const slot = slots.get(id);
		if (slot) slots.set(id, {...slot, ...by(slot)});
	};
	const freeNumber = (): number => {
		const taken = new Set([...slots.values()].map(({number}) => number));
		let number = 0;
		while (taken.has(number)) number++;
		return number;
	};
	const read = readSlots(slots);
	movesOfSlots.set(read, {
		add: (agent, pane) => {
			const slot: Slot = {
				...{agent, pane, number: freeNumber(), isRetiring: false},
				...{crashes: 0, restUntil: 0, refusedAt: '', now: {kind: 'idle'}},
			};
			slots.set(agent.id, slot);
		},
		retire: id => change(id, () => ({isRetiring: true})),
		remove: id => {
			const slot = slots.get(id);
			return slot !== undefined && isFree(slot) && slots.delete(id);
		},
		move: (id, move) => {
			// From the first step of its end on, its reports are refused and nothing else ends it.
			if (move.type === 'end') move.attempt.isEnding = true;
			const slot = slots.get(id);
			const next = slot && moved(slot.now, move);
			if (!slot || !next) {
				log(`${id} cannot ${move.type}: it is ${slot ? told(slot) : 'not of the team'}`);
				return false;
			}
			slots.set(id, {...slot, now: next});
			return true;
		},
		rest: (id, why) =>
			change(id, ({crashes, restUntil}) => {
				const ms = why === 'crashed' ? Math.min(LONGEST_REST_MS, REST_MS * 2 ** crashes) : AGAIN_MS;
				return {crashes: why === 'crashed' ? crashes + 1 : crashes, restUntil: Math.max(restUntil, now() + ms)};
			}),
		forgive: id => change(id, () => ({crashes: 0, restUntil: 0})),
		giveUpAt: (id, streamId) => change(id, () => ({refusedAt: streamId})),
		askAgain: () => {
			for (const {agent, refusedAt} of read.all()) if (refusedAt !== '') change(agent.id, () => ({refusedAt: ''}));
		},
	});
	return read;
};
