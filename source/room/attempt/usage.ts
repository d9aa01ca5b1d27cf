import {microsOf} from '../../core/cost/spending.ts';
import type {Usage} from '../../core/cost/usage.ts';
import type {Reading} from '../../core/session/reading.ts';
import type {Attempt, LiveSession} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** Minimum interval between reports of a session's usage to Redis, ms. */
const TELL_MS = 1000;

type Amounts = {readonly micros: number; readonly tokensIn: number; readonly tokensOut: number; readonly tokensCached: number};

const NOTHING: Amounts = {micros: 0, tokensIn: 0, tokensOut: 0, tokensCached: 0};
const plus = (one: Amounts, other: Amounts): Amounts => ({
	micros: one.micros + other.micros,
	tokensIn: one.tokensIn + other.tokensIn,
	tokensOut: one.tokensOut + other.tokensOut,
	tokensCached: one.tokensCached + other.tokensCached,
});
/** Counters only grow: a late reading changes nothing. */
const most = (one: Amounts, other: Amounts): Amounts => ({
	micros: Math.max(one.micros, other.micros),
	tokensIn: Math.max(one.tokensIn, other.tokensIn),
	tokensOut: Math.max(one.tokensOut, other.tokensOut),
	tokensCached: Math.max(one.tokensCached, other.tokensCached),
});
const minus = (one: Amounts, other: Amounts): Amounts => ({
	micros: one.micros - other.micros,
	tokensIn: one.tokensIn - other.tokensIn,
	tokensOut: one.tokensOut - other.tokensOut,
	tokensCached: one.tokensCached - other.tokensCached,
});
const isNothing = ({micros, tokensIn, tokensOut}: Amounts): boolean => micros + tokensIn + tokensOut === 0;

/**
 * Follows whether a request to the model runs: from a prompt or a tool's end to the next tool or the turn's end. Counts those that were cut
 * off, by a human or with the program: nothing says what they cost. Of a program with a screen only hooks come in order.
 */
const createCalls = ({mode}: Pick<LiveSession, 'mode'>) => {
	const ordered = mode === 'headless' ? 'stream' : 'hook';
	let isRunning = false;
	let cancelled = 0;
	const cutOff = (): void => {
		if (isRunning) cancelled += 1;
		isRunning = false;
	};
	return {
		cutOff,
		cancelled: () => cancelled,
		take: ({source, state, doing, isPromptTaken, cutOff: by}: Reading): void => {
			if (by === 'human') cutOff();
			else if (by === 'error' || (source === ordered && (doing || state === 'idle' || state === 'finished'))) isRunning = false;
			else if (isPromptTaken || (source === ordered && state === 'working')) isRunning = true;
		},
	};
};

/**
 * Counts the usage of an attempt's session from its readings: running totals under the session's name, so that a resume, a restart of the room or a
 * repeated reading counts nothing twice (`spend`); other amounts as they come. Returns a function that reports the rest, to call before the
 * attempt's result: the task is charged while the token is current. Does nothing without a session.
 */
export const watchUsage = ({facts, link}: Pick<Room, 'facts' | 'link'>, attempt: Attempt): (() => Promise<void>) => {
	const {session, agent, task, token} = attempt;
	if (!session) return async () => undefined;
	const held = {agent: agent.id, task: task.id, token};
	let total: Amounts = NOTHING;
	let toldTotal: Amounts = NOTHING;
	/** Amounts by source: a program's stream and its transcript may report the same, so the larger sum counts. */
	const sums = new Map<string, Amounts>();
	let toldSum: Amounts = NOTHING;
	const calls = createCalls(session);
	let toldCancelled = 0;
	/** One name for the whole attempt: what is counted under it is never counted again under another. */
	let counter = '';
	/** Holds for later readings too, since not every one names it. */
	let model: string | undefined;
	const named = () => (model === undefined ? {} : {model});
	let timer: NodeJS.Timeout | undefined;
	let telling: Promise<void> = Promise.resolve();

	const tell = async (): Promise<void> => {
		const sum = [...sums.values()].reduce(most, NOTHING);
		const added = minus(sum, toldSum);
		const cancelledCalls = calls.cancelled() - toldCancelled;
		if (!isNothing(added) || cancelledCalls > 0)
			await link.retryUntilWritten(() =>
				link.coordination.recordUsage({...held, ...added, ...(cancelledCalls > 0 ? {cancelledCalls} : {}), ...named()}),
			);
		toldSum = sum;
		toldCancelled += cancelledCalls;
		const grown = total;
		if (isNothing(minus(grown, toldTotal))) return;
		await link.retryUntilWritten(() => link.coordination.recordUsage({...held, ...grown, counter, ...named()}));
		toldTotal = grown;
	};
	const tellBeginning = (begin: Amounts): void => {
		telling = telling
			.then(() => link.retryUntilWritten(() => link.coordination.recordUsage({...held, ...begin, counter, ...named()})))
			.then(() => {
				toldTotal = begin;
			})
			.catch(error => facts.log(`cannot record the usage of ${agent.id}: ${String(error)}`));
	};
	/** One at a time, so that no later total is overtaken by an earlier one. */
	const tellNow = (): Promise<void> => {
		clearTimeout(timer);
		timer = undefined;
		telling = telling.then(tell).catch(error => facts.log(`cannot record the usage of ${agent.id}: ${String(error)}`));
		return telling;
	};
	const amountsOf = (usage: Usage): Amounts => ({
		micros: session.cli.tellsMoney
			? Math.round(usage.micros)
			: microsOf(model === undefined ? usage : {...usage, model}, facts.config.prices),
		tokensIn: Math.round(usage.tokensIn),
		tokensOut: Math.round(usage.tokensOut),
		tokensCached: Math.round(Math.min(usage.cached ?? 0, usage.tokensIn)),
	});
	/** The totals of a copied session go on from those of the original, which the user has paid for already. */
	let copied = attempt.launched?.copied?.used;
	const ownOf = (usage: Usage): Amounts => {
		// A version that begins a copy at zero reports less than the original had.
		if (copied && (usage.micros < copied.micros || usage.tokensIn < copied.tokensIn)) copied = undefined;
		return copied ? minus(amountsOf(usage), amountsOf(copied)) : amountsOf(usage);
	};
	const note = (usage: Usage, origin: string, id: string): void => {
		model = usage.model ?? model;
		const amounts = usage.isTotal ? ownOf(usage) : amountsOf(usage);
		if (usage.isTotal) {
			if (counter === '') {
				counter = `${session.cli.name}:${id || token}`;
				// Reports the first value even at 0: a counter that restarts with a resumed session is recognized only by that.
				tellBeginning(amounts);
			}
			total = most(total, amounts);
		} else sums.set(origin, plus(sums.get(origin) ?? NOTHING, amounts));
		timer ??= setTimeout(() => void tellNow(), TELL_MS);
	};
	const stop = session.onReadings((readings, {id}) => {
		const before = calls.cancelled();
		for (const reading of readings) {
			calls.take(reading);
			if (reading.usage) note(reading.usage, reading.sign.split(' ')[0] ?? '', id);
		}
		if (calls.cancelled() > before) timer ??= setTimeout(() => void tellNow(), TELL_MS);
	});
	return () => {
		stop();
		if (session.now().cutOff === undefined) calls.cutOff();
		return tellNow();
	};
};
