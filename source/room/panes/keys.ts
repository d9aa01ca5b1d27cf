import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {LineSent, Panes, Typed} from '../../core/team/panes.ts';
import {RedisLost} from '../../redis/errors.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Slots} from '../parts/slots.ts';
import type {Untyped} from './frame.ts';
import type {PaneShow} from './show.ts';
import type {Sight} from './watch.ts';

/** Maximum of keys in one entry, bytes. */
const BYTES_AT_ONCE = 8 * 1024;
/** Maximum of all unsent entries, characters: 256 KB of keys as base64. */
const MOST_WAITING = (256 * 1024 * 4) / 3;
/** Keys that waited longer, or were typed at a screen that changed longer ago, were not meant for the present screen, ms. */
const LATE_MS = 5000;
const OUTDATED_MS = 3000;

/** A room that took a line, but says nothing for so long, may have typed it or not, ms. */
const ANSWER_MS = 6000;
/** Lines whose answers are awaited, those that are overdue included. */
const MOST_UNANSWERED = 500;
/** Longest reason of another room, characters. */
const LONGEST_REASON = 200;

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
	/** Sends a line for the other room to type, as it types one of its own; resolves once that room has answered. */
	line(sight: Sight, text: string): Promise<LineSent>;
	/** The other room did not type keys that were sent. */
	untyped(agent: string, why: Untyped): void;
	/** The other room typed the line of this number, or says why not. What it says is not trusted. */
	answered(agent: string, number: number, why: string): void;
};

/** `told`: a line's sender. */
type Item = {readonly sight: Sight; readonly keys: string; readonly told?: (sent: LineSent) => void};
type Line = {readonly agent: string; readonly told: (sent: LineSent) => void; timer?: NodeJS.Timeout};

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
	const unanswered = new Map<number, Line>();

	const fail = ({sight, told}: Omit<Item, 'keys'>, why: string): void =>
		told ? told({outcome: 'refused', why}) : onProblem(sight.agent, why);
	/** The answer may come before Redis says that it took the line, and after the sender gave up: then only the pane shows it. */
	const awaitAnswer = (own: number, {sight: {agent}, told}: Item): void => {
		if (told) unanswered.set(own, {agent, told});
		for (const oldest of unanswered.keys()) if (unanswered.size > MOST_UNANSWERED) unanswered.delete(oldest);
	};
	const sendOne = async (item: Item): Promise<void> => {
		const {sight, keys} = item;
		const own = ++number;
		const typed = {...sight, room: roomId, person, number: own, keys};
		awaitAnswer(own, item);
		const code = await coordination
			.typeInPane(typed)
			.catch((error: unknown) => (error instanceof RedisLost ? 'lost' : Promise.reject(error)));
		const line = unanswered.get(own);
		if (line && code === 'ok') line.timer = setTimeout(() => line.told({outcome: 'unanswered'}), ANSWER_MS).unref();
		if (code === 'ok' || keys.startsWith('s')) return;
		unanswered.delete(own);
		const dropped = [item, ...waiting.filter(other => other.sight.agent === sight.agent)];
		waiting = waiting.filter(other => other.sight.agent !== sight.agent);
		for (const each of dropped) fail(each, code === 'lost' ? 'Redis is disconnected: the last keys may not have arrived.' : REFUSED[code]);
	};
	const send = async (): Promise<void> => {
		if (isSending) return;
		isSending = true;
		for (let item = waiting.shift(); item; item = waiting.shift())
			await sendOne(item).catch(error => item && fail(item, `Not typed: ${cleanText(String(error), 100)}`));
		isSending = false;
	};
	const queue = (items: readonly Item[]): void => {
		waiting.push(...items);
		// Keys typed together are sent together.
		setImmediate(() => void send());
	};
	/** Queues what a human typed, in pieces, if the pane is shown and not too much is waiting. */
	const queueTyped = (item: Omit<Item, 'keys'>, pieces: readonly string[]): void => {
		// A problem is shown until the next try, so that you see it even if you looked elsewhere.
		onProblem(item.sight.agent, '');
		const {seen, run} = item.sight;
		const waits = [...pieces, ...waiting.map(({keys}) => keys)].reduce((sum, keys) => sum + keys.length, 0);
		const against = seen === 0 ? REFUSED.unwatched : run === '' ? UNTYPED.ended : waits > MOST_WAITING ? REFUSED.full : '';
		if (against === '') queue(pieces.map(keys => ({...item, keys})));
		else fail(item, against);
	};

	return {
		type: (sight, bytes) => {
			const pieces: string[] = [];
			for (let from = 0; from < bytes.length; from += BYTES_AT_ONCE)
				pieces.push(`k${Buffer.from(bytes.subarray(from, from + BYTES_AT_ONCE)).toString('base64')}`);
			queueTyped({sight}, pieces);
		},
		resize: (sight, columns, rows) => {
			if (sight.seen === 0 || sight.run === '') return;
			queue([{sight, keys: `s${columns}x${rows}`}]);
		},
		line: (sight, text) => {
			const {promise, resolve} = Promise.withResolvers<LineSent>();
			queueTyped({sight, told: resolve}, [`l${Buffer.from(text).toString('base64')}`]);
			return promise;
		},
		untyped: (agent, why) => onProblem(agent, UNTYPED[why]),
		answered: (agent, own, why) => {
			const line = unanswered.get(own);
			if (line?.agent !== agent) return;
			clearTimeout(line.timer);
			unanswered.delete(own);
			const text = cleanText(why, LONGEST_REASON);
			if (text !== '') onProblem(agent, text);
			line.told(text === '' ? {outcome: 'typed'} : {outcome: 'refused', why: text});
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

/** Types a line into a pane of this room, or refuses to: `typeLine` of room/session/line.ts. */
export type TypeLine = (agent: string, text: string) => Promise<ActionResult>;

/**
 * Types into this room's panes what humans typed on other machines; fetched when a message announces it. A line has the guards of a line of this
 * room besides: whether the agent asks, or somebody types to it, only its own room sees.
 */
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
}): ((typeLine: TypeLine) => void) => {
	const people = new Set<string>();
	let isTaking = false;
	let isAgain = false;

	const note = ({agent, person}: Typed): void => {
		const who = `${cleanText(person, 80)} types into ${agentName(agent)}`;
		if (people.has(who) || people.size >= MOST_PEOPLE) return;
		people.add(who);
		log(who);
	};
	const answer = ({agent, room: to, number}: Typed, why: string): void =>
		void coordination
			.answerTyped(agent, {room: roomId, to, number, why: why.slice(0, LONGEST_REASON)})
			.catch(error => log(`cannot answer a line: ${String(error)}`));
	const typeLineHere = async (typed: Typed, typeLine: TypeLine): Promise<void> => {
		const result = await typeLine(typed.agent, Buffer.from(typed.keys.slice(1), 'base64').toString());
		answer(typed, result.ok ? '' : result.message);
	};
	const typeHere = (typed: Typed, typeLine: TypeLine): void => {
		const pane = slots.pane(typed.agent);
		if (!pane) return;
		const why = whyNot(typed, show, isTypingOff);
		if (typed.keys.startsWith('l')) {
			if (why === '') {
				note(typed);
				void typeLineHere(typed, typeLine).catch(error => log(`cannot type a line: ${String(error)}`));
			} else answer(typed, UNTYPED[why]);
			return;
		}
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
	const take = async (typeLine: TypeLine): Promise<void> => {
		isAgain = isTaking;
		if (isTaking) return;
		isTaking = true;
		do {
			isAgain = false;
			const typed = await coordination.takeTyped(roomId).catch(() => []);
			for (const keys of typed) typeHere(keys, typeLine);
		} while (isAgain);
		isTaking = false;
	};
	return typeLine => void take(typeLine);
};
