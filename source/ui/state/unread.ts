import * as z from 'zod';
import type {RoomSnapshot} from '../../store/room.ts';
import {serverNow} from '../model/time.ts';
import type {ViewState} from './state.ts';

/** What the user saw, server time, and the cost then. What happens after `until` is unread; Infinity while present. */
export type Unread = {readonly at: number; readonly until: number; readonly spent: number};

/** Without a key for this time, ms, the user was not looking. */
const AWAY_MS = 120_000;
/** Minimum interval between saves while keys arrive, ms. */
const KEEP_MS = 60_000;
/** Limit of remembered rows; beyond it some marks reappear. */
const MOST_LOOKS = 500;

type Look = {readonly snapshot: RoomSnapshot; readonly now: number};

const isAway = ({lastKeyAt, typing}: ViewState, now: number): boolean => typing === '' && lastKeyAt > 0 && now - lastKeyAt >= AWAY_MS;

/** What the user has seen now: while away, up to their last key. */
export const seenNow = (state: ViewState, {snapshot, now}: Look): Unread =>
	isAway(state, now)
		? {at: serverNow(snapshot, state.lastKeyAt), until: Number.POSITIVE_INFINITY, spent: state.spentAtKey}
		: (state.seen ?? {at: serverNow(snapshot, now), until: 0, spent: snapshot.team.control.spent});

/** Notes a key: ends an absence. Returns whether to save that the user was here. */
export const noteKey = (state: ViewState, {snapshot, now}: Look): {readonly state: ViewState; readonly isDue: boolean} => {
	const seen = {...seenNow(state, {snapshot, now})};
	const isBack = seen.until === Number.POSITIVE_INFINITY;
	const isDue = state.keptAt > 0 && now - state.keptAt >= KEEP_MS;
	return {
		state: {
			...state,
			seen: isBack ? {...seen, until: serverNow(snapshot, now)} : seen,
			// Nothing looked at before the absence is unread.
			lookedAt: isBack ? {} : state.lookedAt,
			spentAtKey: snapshot.team.control.spent,
			keptAt: isDue || state.keptAt === 0 ? now : state.keptAt,
		},
		isDue,
	};
};

/** Marks what is under the cursor as read: an agent's row, a task's card, or both. It is unread again when it changes. */
export const markRead = (state: ViewState, ids: readonly string[], {snapshot, now}: Look): ViewState => {
	const fresh = ids.filter(id => id !== '');
	if (fresh.length === 0 || seenNow(state, {snapshot, now}).until === 0) return state;
	const before = Object.keys(state.lookedAt).length < MOST_LOOKS ? state.lookedAt : {};
	return {...state, lookedAt: {...before, ...Object.fromEntries(fresh.map(id => [id, serverNow(snapshot, now)]))}};
};

/** Whether a change at this server time (0 for none) is marked: unseen, and not under the cursor since. */
export const isMarked = (at: number, ids: readonly string[], state: ViewState, look: Look): boolean =>
	isNews(at, seenNow(state, look)) && ids.every(id => at > (state.lookedAt[id] ?? 0));

/** Marks everything as read. */
export const seeAll = (state: ViewState, {snapshot, now}: Look): ViewState => {
	const at = serverNow(snapshot, now);
	return {...state, lookedAt: {}, seen: {at, until: at, spent: snapshot.team.control.spent}};
};

/** Whether a change at this server time was not seen. */
export const isNews = (at: number, {at: from, until}: Unread): boolean => at > from && at <= until;

const keptSchema = z.object({at: z.number().positive(), spent: z.number().min(0)});

/** Parses what an earlier view saved; undefined if invalid. */
export const recallSeen = (text: string): Unread | undefined => {
	try {
		const {at, spent} = keptSchema.parse(JSON.parse(text));
		return {at, until: Number.POSITIVE_INFINITY, spent};
	} catch {
		return undefined;
	}
};

/** For the next view: what was seen in this one, or the earlier value if no key was pressed. */
export const keptSeen = (state: ViewState, {snapshot}: Look): string => {
	if (!state.seen) return '';
	const at = state.lastKeyAt > 0 ? Math.max(state.seen.at, serverNow(snapshot, state.lastKeyAt)) : state.seen.at;
	return JSON.stringify({at, spent: state.lastKeyAt > 0 ? state.spentAtKey : state.seen.spent});
};
