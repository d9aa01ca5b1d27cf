import {microsOf} from '../../core/cost/spending.ts';
import type {Usage} from '../../core/cost/usage.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

/** What a session has used up is told to Redis at most this often, ms. */
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
 * Counts what the session of an attempt uses up, from its readings: running totals under the name of the session, so that a resume, a restart of
 * the room or a reading that comes twice count nothing twice (`spend`), other amounts as they come. Returns how the rest is told, before the
 * attempt's result: the task is charged for it while the token is the current one. Without a session nothing is done.
 */
export const watchUsage = ({facts, link}: Pick<Room, 'facts' | 'link'>, attempt: Attempt): (() => Promise<void>) => {
	const {session, agent, task, token} = attempt;
	if (!session) return async () => undefined;
	const held = {agent: agent.id, task: task.id, token};
	let total: Amounts = NOTHING;
	let toldTotal: Amounts = NOTHING;
	/** What came in amounts, by who told it: a program's stream and its transcript may tell the same, so the larger sum counts. */
	const sums = new Map<string, Amounts>();
	let toldSum: Amounts = NOTHING;
	/** One name for the whole attempt: what began under one is never counted again under another. */
	let counter = '';
	/** Told once, and meant from then on: not every reading names it. */
	let model: string | undefined;
	let timer: NodeJS.Timeout | undefined;
	let telling: Promise<void> = Promise.resolve();

	const tell = async (): Promise<void> => {
		const sum = [...sums.values()].reduce(most, NOTHING);
		const added = minus(sum, toldSum);
		if (!isNothing(added)) await link.retryUntilWritten(() => link.coordination.recordUsage({...held, ...added}));
		toldSum = sum;
		const grown = total;
		if (isNothing(minus(grown, toldTotal))) return;
		await link.retryUntilWritten(() => link.coordination.recordUsage({...held, ...grown, counter}));
		toldTotal = grown;
	};
	const tellBeginning = (begin: Amounts): void => {
		telling = telling
			.then(() => link.retryUntilWritten(() => link.coordination.recordUsage({...held, ...begin, counter})))
			.then(() => {
				toldTotal = begin;
			})
			.catch(error => facts.log(`cannot record the usage of ${agent.id}: ${String(error)}`));
	};
	/** One after the other, so that a total is never overtaken by an earlier one. */
	const tellNow = (): Promise<void> => {
		clearTimeout(timer);
		timer = undefined;
		telling = telling.then(tell).catch(error => facts.log(`cannot record the usage of ${agent.id}: ${String(error)}`));
		return telling;
	};
	const note = (usage: Usage, origin: string, id: string): void => {
		model = usage.model ?? model;
		const amounts = {
			micros: session.cli.tellsMoney
				? Math.round(usage.micros)
				: microsOf(model === undefined ? usage : {...usage, model}, facts.config.prices),
			tokensIn: Math.round(usage.tokensIn),
			tokensOut: Math.round(usage.tokensOut),
			tokensCached: Math.round(Math.min(usage.cached ?? 0, usage.tokensIn)),
		};
		if (usage.isTotal) {
			if (counter === '') {
				counter = `${session.cli.name}:${id || token}`;
				// Where it begins is told by itself, also at nothing: a counter that begins anew with a resumed session is known by that alone.
				tellBeginning(amounts);
			}
			total = most(total, amounts);
		} else sums.set(origin, plus(sums.get(origin) ?? NOTHING, amounts));
		timer ??= setTimeout(() => void tellNow(), TELL_MS);
	};
	const stop = session.onReadings((readings, {id}) => {
		for (const {usage, sign} of readings) if (usage) note(usage, sign.split(' ')[0] ?? '', id);
	});
	return () => {
		stop();
		return tellNow();
	};
};
