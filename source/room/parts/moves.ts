import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import * as z from 'zod';
import {isObjectId} from '../../git/process/names.ts';
import type {Room} from './parts.ts';

/** A commit that the base has left. `of`: the task whose unmerged work it was, '' for a human's own commits. */
export type Left = {readonly commit: string; readonly of: string};
/** An agent moved the base to `to`; `from` is where it was before, '' if it cannot go back in one step. */
export type Alarm = {readonly to: string; readonly from: string};

/** What a room remembers of the base's past positions, beside the record; kept over restarts of the room. */
export type Moves = {
	/** The base at its last judged move; '' before the first. */
	head: string;
	/** Where the base was before it was moved back, newest first: commits reachable from these but not from the base were removed from it. */
	left: readonly Left[];
	/** An alarm that this room raised; the record follows a moment later. */
	alarm: Alarm | undefined;
	/** How an alarm that now ends was decided, in words; '' if it is not. */
	decided: string;
	/** Moves are judged one at a time. */
	judging: Promise<void>;
	/** The last move was no merge: a merge of the same moment is checked again. */
	isByHand: boolean;
};

/** Maximum of remembered positions: more than attempts ever start from. */
const MOST_LEFT = 50;

const commit = z.string().refine(isObjectId);
const schema = z.object({base: z.string(), head: commit, left: z.array(z.object({commit, of: z.string()})).max(MOST_LEFT)});

const fileOf = (stateFolder: string): string => join(stateFolder, 'base.json');

/** Reads what an earlier life of the room kept of this base; empty for another base or an invalid file. */
export const openMoves = (stateFolder: string, base: string): Moves => {
	const none = {head: '', left: [], alarm: undefined, decided: '', judging: Promise.resolve(), isByHand: false};
	try {
		const read = schema.parse(JSON.parse(readFileSync(fileOf(stateFolder), 'utf8')));
		return read.base === base ? {...none, head: read.head, left: read.left} : none;
	} catch {
		return none;
	}
};

export const keepMoves = (stateFolder: string, base: string, moves: Moves): void => {
	const file = fileOf(stateFolder);
	writeFileSync(`${file}.new`, JSON.stringify({base, head: moves.head, left: moves.left}), {mode: 0o600});
	renameSync(`${file}.new`, file);
};

/** The base was moved back from there. */
export const leave = (moves: Moves, left: Left): void => {
	moves.left = [left, ...moves.left.filter(({commit: known}) => known !== left.commit)].slice(0, MOST_LEFT);
};

/** The alarm about the base, known to this room or from the record. */
export const alarmOf = ({record, merges}: Pick<Room, 'record' | 'merges'>): Alarm | undefined => {
	const {stray, strayFrom} = record.team().control;
	return merges.moves.alarm ?? (stray === '' ? undefined : {to: stray, from: strayFrom});
};

/**
 * The base without undecided commits: new work starts from it and is compared with it. With an agent's unmerged work on it, a review would not show
 * that work, a guarded path would look untouched, and the next attempt would start on it. If such a commit is unknown, the base as it is.
 */
export const knownBase = async (room: Pick<Room, 'facts' | 'record' | 'merges'>): Promise<string> =>
	(alarmOf(room)?.from ?? room.merges.moves.head) || room.facts.guardian.baseHead();
