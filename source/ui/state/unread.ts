import {z} from 'zod';
import type {RoomSnapshot} from '../../store/room.ts';
import {serverNow} from '../model/time.ts';
import type {ViewState} from './state.ts';

/**
 * Until when this person saw the room, server time, and what had been spent by then. What happened after `until` happened before their eyes
 * again; Infinity while they are away.
 */
export type Unread = {readonly at: number; readonly until: number; readonly spent: number};

/** Whoever has pressed no key for this long has not been looking, ms. */
const AWAY_MS = 120_000;
/** What is kept for the next view is written at most this often while keys come, ms. */
const KEEP_MS = 60_000;
/** So many looks are remembered; whoever has run through more rows than that sees some marks again. */
const MOST_LOOKS = 500;

type Look = {readonly snapshot: RoomSnapshot; readonly now: number};

const isAway = ({lastKeyAt, typing}: ViewState, now: number): boolean => typing === '' && lastKeyAt > 0 && now - lastKeyAt >= AWAY_MS;

/** What this person has seen as of now: while they are away, all until their last key. */
export const seenNow = (state: ViewState, {snapshot, now}: Look): Unread =>
	isAway(state, now)
		? {at: serverNow(snapshot, state.lastKeyAt), until: Number.POSITIVE_INFINITY, spent: state.spentAtKey}
		: (state.seen ?? {at: serverNow(snapshot, now), until: 0, spent: snapshot.team.control.spent});

/** A key has come: whoever was away is back. Returns whether it is time to write down that they were here. */
export const noteKey = (state: ViewState, {snapshot, now}: Look): {readonly state: ViewState; readonly isDue: boolean} => {
	const seen = {...seenNow(state, {snapshot, now})};
	const isBack = seen.until === Number.POSITIVE_INFINITY;
	const isDue = state.keptAt > 0 && now - state.keptAt >= KEEP_MS;
	return {
		state: {
			...state,
			seen: isBack ? {...seen, until: serverNow(snapshot, now)} : seen,
			// Nothing that was looked at before they left is news.
			lookedAt: isBack ? {} : state.lookedAt,
			spentAtKey: snapshot.team.control.spent,
			keptAt: isDue || state.keptAt === 0 ? now : state.keptAt,
		},
		isDue,
	};
};

/** What lies under the cursor is looked at: an agent's row, the card of a task, or both. What was looked at before is news again when it changes. */
export const markRead = (state: ViewState, ids: readonly string[], {snapshot, now}: Look): ViewState => {
	const fresh = ids.filter(id => id !== '');
	if (fresh.length === 0 || seenNow(state, {snapshot, now}).until === 0) return state;
	const before = Object.keys(state.lookedAt).length < MOST_LOOKS ? state.lookedAt : {};
	return {...state, lookedAt: {...before, ...Object.fromEntries(fresh.map(id => [id, serverNow(snapshot, now)]))}};
};

/** Whether what came about then, server time and 0 for nothing, is to be marked: unseen, and under the cursor never since. */
export const isMarked = (at: number, ids: readonly string[], state: ViewState, look: Look): boolean =>
	isNews(at, seenNow(state, look)) && ids.every(id => at > (state.lookedAt[id] ?? 0));

/** All that there is has been looked at. */
export const seeAll = (state: ViewState, {snapshot, now}: Look): ViewState => {
	const at = serverNow(snapshot, now);
	return {...state, lookedAt: {}, seen: {at, until: at, spent: snapshot.team.control.spent}};
};

/** Whether something that came about at this moment, server time, was not seen by this person. */
export const isNews = (at: number, {at: from, until}: Unread): boolean => at > from && at <= until;

const keptSchema = z.object({at: z.number().positive(), spent: z.number().min(0)});

/** What an earlier view of this person kept; undefined if it cannot be read. */
export const recallSeen = (text: string): Unread | undefined => {
	try {
		const {at, spent} = keptSchema.parse(JSON.parse(text));
		return {at, until: Number.POSITIVE_INFINITY, spent};
	} catch {
		return undefined;
	}
};

/** For the next view: until when this one was looked at; what an earlier one kept where no key was pressed in it. */
export const keptSeen = (state: ViewState, {snapshot}: Look): string => {
	if (!state.seen) return '';
	const at = state.lastKeyAt > 0 ? Math.max(state.seen.at, serverNow(snapshot, state.lastKeyAt)) : state.seen.at;
	return JSON.stringify({at, spent: state.lastKeyAt > 0 ? state.spentAtKey : state.seen.spent});
};
