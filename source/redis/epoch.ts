import {wordOf, wordsOf} from './scripts/replies.ts';
import {argumentList, type LoadedScript, loadScript} from './scripts/table.ts';

/** What a room remembers of its Redis, across restarts. */
export type Remembered = {
	/** Grows when a human accepts data with losses; 0 for none. */
	readonly epoch: number;
	/** Id of the data: an emptied or other Redis has another. '' for none. */
	readonly nonce: string;
	/** The newest event seen. */
	readonly streamId: string;
	/** Whether any task was ever seen: a team without tasks misses nothing. */
	readonly hasTasks: boolean;
};

/** `lost`: Redis differs from what is remembered; `finding` says how, and everything is frozen. */
export type EpochVerdict = ({readonly code: 'ok'} & Remembered) | {readonly code: 'lost'; readonly finding: string};

/** The part of a connection needed to compare, also of an unreleased one. */
export type ScriptRunner = {run(script: LoadedScript, keys: readonly string[], args: readonly string[]): Promise<unknown>};

/** Compares Redis with what is remembered; `fresh` becomes the nonce of a Redis without one. Idempotent. */
export const compareEpoch = async (
	runner: ScriptRunner,
	namespace: string,
	remembered: Remembered,
	fresh: string,
): Promise<EpochVerdict> => {
	const args = argumentList('check-epoch', namespace, '', {...remembered, fresh});
	const reply = wordsOf(await runner.run(loadScript('check-epoch'), [`${namespace}:events`], args));
	const code = wordOf(reply, 'ok', 'lost');
	if (code === 'lost') return {code, finding: reply[1] ?? ''};
	return {code, epoch: Number(reply[1]), nonce: reply[2] ?? '', streamId: reply[3] ?? '0-0', hasTasks: reply[4] === '1'};
};

/** Who accepts the data: a human, or a room that knows all that was lost (`isHealed`). */
export type Accepting = {readonly why: string; readonly isHealed: boolean};
export const BY_YOU: Accepting = {why: 'the data in Redis was accepted by you', isHealed: false};

/** The data are accepted: starts a new epoch. `op` is unique for each decision: a resend starts no second epoch. */
export const acceptEpoch = async (
	runner: ScriptRunner,
	namespace: string,
	remembered: Pick<Remembered, 'epoch' | 'nonce'>,
	{op, fresh, ...accepting}: {readonly op: string; readonly fresh: string} & Accepting,
): Promise<void> => {
	const args = argumentList('accept-epoch', namespace, op, {...remembered, fresh, ...accepting});
	wordOf(await runner.run(loadScript('accept-epoch'), [`${namespace}:events`], args), 'ok');
};
