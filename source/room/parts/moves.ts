import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {z} from 'zod';
import {isObjectId} from '../../git/process/names.ts';
import type {Room} from './parts.ts';

/** A commit that the base has left. `of`: the task whose unlanded work it was, '' for a human's own line. */
export type Left = {readonly commit: string; readonly of: string};
/** The base stands at `to`, moved there by an agent; `from` is where it was before, '' if there is no one step back. */
export type Alarm = {readonly to: string; readonly from: string};

/** What a room remembers of where the base was, next to the record: also while no room runs, and over its restarts. */
export type Moves = {
	/** Where the base stood when its last move was judged; '' before the first. */
	head: string;
	/** Where it stood before it was moved back, newest first: what these reach and the base does not was taken off it. */
	left: readonly Left[];
	/** An alarm that this room has raised, from that moment on: the record hears of it a moment later. */
	alarm: Alarm | undefined;
	/** How an alarm that ends now was decided, in words; '' if nobody has. */
	decided: string;
	/** Moves are judged one after the other. */
	judging: Promise<void>;
	/** The last move was no merge: what merges in the same moment is looked at again. */
	isByHand: boolean;
};

/** So many places are remembered: more than attempts ever started at. */
const MOST_LEFT = 50;

const commit = z.string().refine(isObjectId);
const schema = z.object({base: z.string(), head: commit, left: z.array(z.object({commit, of: z.string()})).max(MOST_LEFT)});

const fileOf = (stateFolder: string): string => join(stateFolder, 'base.json');

/** What an earlier life of the room has kept of this base; nothing of another, or where the file says nothing that can be. */
export const openMoves = (stateFolder: string, base: string): Moves => {
	const none = {head: '', left: [], alarm: undefined, decided: '', judging: Promise.resolve(), isByHand: false};
	try {
		const read = schema.parse(JSON.parse(readFileSync(fileOf(stateFolder), 'utf8')));
		return read.base === base ? {...none, head: read.head, left: read.left} : none;
	} catch {
		return none;
	}
};

/** Notes where the base stands, and what it has left. */
export const keepMoves = (stateFolder: string, base: string, moves: Moves): void => {
	const file = fileOf(stateFolder);
	writeFileSync(`${file}.new`, JSON.stringify({base, head: moves.head, left: moves.left}), {mode: 0o600});
	renameSync(`${file}.new`, file);
};

/** The base was moved back from there. */
export const leave = (moves: Moves, left: Left): void => {
	moves.left = [left, ...moves.left.filter(({commit: known}) => known !== left.commit)].slice(0, MOST_LEFT);
};

/** The alarm about the base, as this room or the record knows it. */
export const alarmOf = ({record, merges}: Pick<Room, 'record' | 'merges'>): Alarm | undefined => {
	const {stray, strayFrom} = record.team().control;
	return merges.moves.alarm ?? (stray === '' ? undefined : {to: stray, from: strayFrom});
};

/**
 * The base without what is to be decided about it: what work is started on, and held against. With work of an agent's on it that never
 * merged, a review would show nothing of that, a guarded path would look untouched, and the next attempt would start on it. Where that is
 * not known, the base as it is.
 */
export const knownBase = async (room: Pick<Room, 'facts' | 'record' | 'merges'>): Promise<string> =>
	(alarmOf(room)?.from ?? room.merges.moves.head) || room.facts.guardian.baseHead();
