import {wordOf, wordsOf} from './scripts/replies.ts';
import {argumentList, type LoadedScript, loadScript} from './scripts/table.ts';

/** What a room remembers of the Redis it worked with; all of it outlives the room. */
export type Remembered = {
	/** Grows whenever a human accepts data that lost something; 0 for none. */
	readonly epoch: number;
	/** Of the data themselves: a Redis that is emptied, or another one, has another. '' for none. */
	readonly nonce: string;
	/** The newest entry of the record that was seen. */
	readonly streamId: string;
	/** Whether any task was ever seen: a team that never had one misses nothing. */
	readonly hasTasks: boolean;
};

/** `lost`: Redis is not what is remembered; `finding` says how, in words, and everything is frozen. */
export type EpochVerdict = ({readonly code: 'ok'} & Remembered) | {readonly code: 'lost'; readonly finding: string};

/** What comparing needs of a connection, also of one that is not yet given free. */
export type ScriptRunner = {run(script: LoadedScript, keys: readonly string[], args: readonly string[]): Promise<unknown>};

/** Compares Redis with what is remembered; `fresh` becomes the nonce of a Redis that has none. May be sent any number of times. */
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

/** A human takes the data as they are: a new epoch starts. `op` is one per decision: sent again, it starts no second one. */
export const acceptEpoch = async (
	runner: ScriptRunner,
	namespace: string,
	remembered: Pick<Remembered, 'epoch' | 'nonce'>,
	{op, fresh}: {readonly op: string; readonly fresh: string},
): Promise<void> => {
	const args = argumentList('accept-epoch', namespace, op, {...remembered, fresh});
	wordOf(await runner.run(loadScript('accept-epoch'), [`${namespace}:events`], args), 'ok');
};
