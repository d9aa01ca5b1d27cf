import {agentName} from '../../core/agent/agent.ts';
import type {Panes, Typed} from '../../core/team/panes.ts';
import {RedisLost} from '../../redis/errors.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Slots} from '../parts/slots.ts';
import type {Frame} from './frame.ts';
import type {PaneShow} from './show.ts';
import type {Sight} from './watch.ts';

/** Maximum of one entry, and of all unsent ones, bytes. */
const BYTES_AT_ONCE = 8 * 1024;
const MOST_WAITING = 256 * 1024;
/** How long a problem is shown, ms. */
const PROBLEM_MS = 5000;
/** Keys that waited longer, or were typed at a screen that changed longer ago, were not meant for the present screen, ms. */
const LATE_MS = 5000;
const OUTDATED_MS = 3000;

type Untyped = NonNullable<Frame['untyped']>['why'];
const UNTYPED: Readonly<Record<Untyped, string>> = {
	off: 'Not typed: that machine allows no typing from others.',
	ended: 'Not typed: another program runs there now.',
	late: 'Not typed: the keys arrived too late.',
	unseen: 'Not typed: the screen had changed. Look again.',
};
const REFUSED = {
	unwatched: 'Not typed: the pane is not shown yet.',
	silent: 'Not typed: that machine does not answer.',
	full: 'Not typed: too many keys are waiting.',
	gone: 'Not typed: that machine is away.',
} as const;

/** A human's typing in panes of other machines. */
export type Sending = {
	type(sight: Sight, bytes: Uint8Array): void;
	resize(sight: Sight, columns: number, rows: number): void;
	/** The other room did not type what was sent. */
	untyped(agent: string, why: Untyped): void;
	close(): void;
};

type Item = {readonly sight: Sight; bytes: Buffer; readonly size: string};

/**
 * Sends keys to panes of other rooms. Guarantee: in the order typed, each at most once. Keys that may not have arrived are dropped, and the human is
 * told.
 */
export const createSending = ({
	coordination,
	roomId,
	person,
	onProblem,
}: {
	readonly coordination: Panes;
	readonly roomId: string;
	readonly person: string;
	readonly onProblem: (agent: string, problem: string) => void;
}): Sending => {
	let waiting: Item[] = [];
	let number = 0;
	let isSending = false;
	const timers = new Map<string, NodeJS.Timeout>();

	const tell = (agent: string, problem: string): void => {
		clearTimeout(timers.get(agent));
		onProblem(agent, problem);
		timers.set(agent, setTimeout(() => onProblem(agent, ''), PROBLEM_MS).unref());
	};
	const sendOne = async ({sight, bytes, size}: Item): Promise<void> => {
		const typed = {...sight, room: roomId, person, number: ++number, keys: size || `k${bytes.toString('base64')}`};
		const code = await coordination
			.typeInPane(typed)
			.catch((error: unknown) => (error instanceof RedisLost ? 'lost' : Promise.reject(error)));
		if (code === 'ok' || size !== '') return;
		waiting = waiting.filter(item => item.sight.agent !== sight.agent);
		tell(sight.agent, code === 'lost' ? 'Redis is disconnected: the last keys may not have arrived.' : REFUSED[code]);
	};
	const send = async (): Promise<void> => {
		if (isSending) return;
		isSending = true;
		for (let item = waiting.shift(); item; item = waiting.shift())
			await sendOne(item).catch(error => tell(item?.sight.agent ?? '', `Not typed: ${cleanText(String(error), 100)}`));
		isSending = false;
	};

	return {
		type: (sight, bytes) => {
			if (sight.seen === 0 || sight.run === '') {
				tell(sight.agent, sight.seen === 0 ? REFUSED.unwatched : UNTYPED.ended);
				return;
			}
			if (waiting.reduce((sum, item) => sum + item.bytes.length, bytes.length) > MOST_WAITING) {
				tell(sight.agent, REFUSED.full);
				return;
			}
			for (let from = 0; from < bytes.length; from += BYTES_AT_ONCE)
				waiting.push({sight, bytes: Buffer.from(bytes.subarray(from, from + BYTES_AT_ONCE)), size: ''});
			// Keys typed together are sent together.
			setImmediate(() => void send());
		},
		resize: (sight, columns, rows) => {
			if (sight.seen === 0 || sight.run === '') return;
			waiting.push({sight, bytes: Buffer.alloc(0), size: `s${columns}x${rows}`});
			setImmediate(() => void send());
		},
		untyped: (agent, why) => tell(agent, UNTYPED[why]),
		close: () => {
			for (const timer of timers.values()) clearTimeout(timer);
		},
	};
};

/** Why keys from another machine are not typed; '' if they are. Decided here: nothing that another machine claims is believed. */
const whyNot = ({agent, run, seen, ageMs}: Typed, show: PaneShow, isTypingOff: boolean): Untyped | '' => {
	if (isTypingOff) return 'off';
	if (run === '' || run !== show.run(agent)) return 'ended';
	if (ageMs > LATE_MS) return 'late';
	const outdated = show.outdatedFor(agent, seen);
	return outdated === undefined || outdated > OUTDATED_MS ? 'unseen' : '';
};

/** Humans remembered as having typed. */
const MOST_PEOPLE = 200;

/** Types into this room's panes what humans typed on other machines; fetched when a message announces it. */
export const createTaking = ({
	coordination,
	slots,
	roomId,
	show,
	isTypingOff,
	log,
}: {
	readonly coordination: Panes;
	readonly slots: Slots;
	readonly roomId: string;
	readonly show: PaneShow;
	readonly isTypingOff: boolean;
	readonly log: (line: string) => void;
}): (() => void) => {
	const people = new Set<string>();
	let isTaking = false;
	let isAgain = false;

	const note = ({agent, person}: Typed): void => {
		const who = `${cleanText(person, 80)} types into ${agentName(agent)}`;
		if (people.has(who) || people.size >= MOST_PEOPLE) return;
		people.add(who);
		log(who);
	};
	const typeHere = (typed: Typed): void => {
		const pane = slots.pane(typed.agent);
		if (!pane) return;
		const why = whyNot(typed, show, isTypingOff);
		const [, columns, rows] = /^s(\d{1,4})x(\d{1,4})$/.exec(typed.keys) ?? [];
		const isSize = columns !== undefined && rows !== undefined;
		if (why !== '') {
			if (!isSize) show.untyped(typed.agent, {room: typed.room, why});
			return;
		}
		if (isSize) pane.handle.resize(Number(columns), Number(rows));
		else if (typed.keys.startsWith('k')) {
			note(typed);
			pane.handle.write(Buffer.from(typed.keys.slice(1), 'base64'));
		}
	};
	const take = async (): Promise<void> => {
		isAgain = isTaking;
		if (isTaking) return;
		isTaking = true;
		do {
			isAgain = false;
			const typed = await coordination.takeTyped(roomId).catch(() => []);
			for (const keys of typed) typeHere(keys);
		} while (isAgain);
		isTaking = false;
	};
	return () => void take();
};
