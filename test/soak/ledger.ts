import {appendFileSync, readFileSync} from 'node:fs';

/**
 * The workers' own account of what they did: one file that every process only appends to, one line an act. It is written beside Redis and
 * read by the judge, so this file knows nothing of the room.
 */
export type Act =
	/** The submission was acknowledged. */
	| 'submitted'
	/** A worker's process started on it, and came to its end. */
	| 'began'
	| 'finished'
	/** A result was acknowledged as the one that counts. */
	| 'accepted'
	/** A result was refused because its token was superseded, or its task has ended. */
	| 'refused'
	/** As `refused`, but an earlier try of the same result, under another op-id, was sent and never answered: it may have counted. */
	| 'unheard'
	/** Something was broken on purpose; the task column says what. */
	| 'fault';

/** `agent` and `token` are `-` where there is none. Times are epoch microseconds of the writer's clock; nothing is judged by them. */
export type Line = {
	readonly at: number;
	readonly act: Act;
	readonly task: string;
	readonly token: string;
	readonly stage: string;
	readonly agent: string;
};

/** Appends one line in one write: lines of several processes never mix. */
export const writeLine = (file: string, act: Act, task: string, {token = '-', stage = '-', agent = '-'} = {}): void =>
	appendFileSync(file, `${Date.now() * 1000} ${act} ${task} ${token} ${stage} ${agent}\n`);

/** Every whole line; a last one that a killed process left half written is none. */
export const readLedger = (file: string): readonly Line[] =>
	readFileSync(file, 'utf8')
		.split('\n')
		.slice(0, -1)
		.map(line => line.split(' '))
		.filter(columns => columns.length === 6)
		.map(([at = '', act = '', task = '', token = '', stage = '', agent = '']) => ({
			at: Number(at),
			act: act as Act,
			task,
			token,
			stage,
			agent,
		}));
