import type {Panes} from '../../core/team/panes.ts';
import type {Slots} from '../parts/slots.ts';
import type {Pane} from '../team/pane.ts';
import {createDrawer, type Frame, frameText, PANE_BYTES_A_SECOND, sizeOf} from './frame.ts';

/** Minimum interval between frames, ms. */
const FRAME_MS = 100;
/** Output within this time is one frame, ms. */
const TOGETHER_MS = 5;
/** How long to wait for a program that is drawing, ms. */
const DRAWING_MS = 20;
/** A frame arrives within this, ms; a watcher without it by then has missed it. */
const UNDERWAY_MS = 1000;

/** What showing panes to other machines needs of the room. */
export type Showing = {
	readonly coordination: Panes;
	readonly slots: Slots;
	readonly roomId: string;
	/** True if other machines may not type. */
	readonly isTypingOff: boolean;
};

type Shown = {
	readonly pane: Pane;
	readonly draw: ReturnType<typeof createDrawer>;
	isWholeWanted: boolean;
	untyped: Frame['untyped'];
	/** The last announced program. */
	run: string;
	nextAt: number;
	timer: NodeJS.Timeout | undefined;
	isSending: boolean;
	/** Something has changed while a frame was being sent. */
	isAgain: boolean;
	stopListening: () => void;
};

export type PaneShow = {
	/** Another room watches the pane; `seen`: its last frame. */
	watched(agent: string, seen: number): void;
	/** The program that runs in a pane of this room, '' for none. */
	run(agent: string): string;
	/** How long frame `seen` has been outdated, ms, 0 if it is current; undefined if no room watches the pane now, or no such frame was sent. */
	outdatedFor(agent: string, seen: number): number | undefined;
	/** Tells a room that its keys were not typed. */
	untyped(agent: string, untyped: NonNullable<Frame['untyped']>): void;
	close(): void;
};

/** Frames whose times are remembered. */
const MOST_TIMES = 100;

/** Frame numbers of one pane, over all times that it is watched, and when each was sent, by `performance.now()`. */
type Numbers = {last: number; readonly sentAt: Map<number, number>};

/**
 * Shows panes of this room to other rooms. Guarantees: nothing is drawn or sent while no room watches, which the script decides with each frame; at
 * most ten frames a second, and no more than `PANE_BYTES_A_SECOND` over any longer time.
 */
export const createPaneShow = ({coordination, slots, roomId, isTypingOff}: Showing): PaneShow => {
	const shown = new Map<string, Shown>();
	const numbers = new Map<string, Numbers>();
	const run = (agent: string): string => slots.attempt(agent)?.token.split(':')[0]?.slice(0, 60) ?? '';

	const end = (agent: string): void => {
		const entry = shown.get(agent);
		clearTimeout(entry?.timer);
		entry?.stopListening();
		shown.delete(agent);
	};
	const soon = (agent: string, entry: Shown, least = TOGETHER_MS): void => {
		entry.isAgain ||= entry.isSending;
		if (entry.isSending) return;
		entry.timer ??= setTimeout(() => void send(agent, entry), Math.max(least, entry.nextAt - performance.now()));
	};
	/** The next frame; undefined without a change. */
	const frameOf = (agent: string, entry: Shown): string | undefined => {
		const {untyped, isWholeWanted} = entry;
		const program = run(agent);
		const drawn = entry.draw(isWholeWanted);
		if (!drawn && !untyped && entry.run === program) return undefined;
		const known = numbers.get(agent) ?? {last: 0, sentAt: new Map()};
		numbers.set(agent, known);
		known.sentAt.set(++known.last, performance.now());
		for (const oldest of known.sentAt.keys()) if (known.sentAt.size > MOST_TIMES) known.sentAt.delete(oldest);
		Object.assign(entry, {isWholeWanted: false, untyped: undefined, run: program});
		return frameText({
			...(drawn ?? {isWhole: false, ...sizeOf(entry.pane.screen), bytes: new Uint8Array()}),
			number: known.last,
			run: program,
			refuses: isTypingOff ? 'off' : '',
			...(untyped ? {untyped} : {}),
		});
	};
	const send = async (agent: string, entry: Shown): Promise<void> => {
		entry.timer = undefined;
		if (entry.pane.screen.isHalfDrawn) {
			soon(agent, entry, DRAWING_MS);
			return;
		}
		const frame = frameOf(agent, entry);
		if (frame === undefined) return;
		entry.isSending = true;
		// After a failure it is unknown which rooms got it: those that still watch ask again and start over.
		const watchers = await coordination.showPane(agent, roomId, frame).catch(() => 0);
		entry.isSending = false;
		if (shown.get(agent) !== entry) return;
		if (watchers === 0) {
			end(agent);
			return;
		}
		entry.nextAt = performance.now() + Math.max(FRAME_MS, (1000 * frame.length * watchers) / PANE_BYTES_A_SECOND);
		if (!entry.isAgain) return;
		entry.isAgain = false;
		soon(agent, entry);
	};

	return {
		watched: (agent, seen) => {
			const pane = slots.pane(agent);
			if (!pane) return;
			const known = shown.get(agent);
			const entry: Shown = known ?? {
				...{pane, draw: createDrawer(pane.screen), isWholeWanted: true, untyped: undefined, run: ''},
				...{nextAt: 0, timer: undefined, isSending: false, isAgain: false, stopListening: () => undefined},
			};
			if (!known) {
				shown.set(agent, entry);
				entry.stopListening = pane.handle.onChange(() => soon(agent, entry));
			}
			const {last = 0, sentAt} = numbers.get(agent) ?? {};
			// A frame sent a moment ago may still be on its way.
			const isLacking = seen !== last && performance.now() - (sentAt?.get(seen + 1) ?? Number.NEGATIVE_INFINITY) > UNDERWAY_MS;
			if (seen === 0 || isLacking) entry.isWholeWanted = true;
			soon(agent, entry);
		},
		run,
		outdatedFor: (agent, seen) => {
			const known = numbers.get(agent);
			if (!shown.has(agent) || !known?.sentAt.has(seen)) return undefined;
			const next = known.sentAt.get(seen + 1);
			return next === undefined ? 0 : performance.now() - next;
		},
		untyped: (agent, untyped) => {
			const entry = shown.get(agent);
			if (!entry) return;
			entry.untyped = untyped;
			soon(agent, entry);
		},
		close: () => {
			for (const agent of [...shown.keys()]) end(agent);
		},
	};
};
