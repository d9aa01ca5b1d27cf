import {cleanText} from '../terminal/clean.ts';
import type {RoomState} from './state.ts';

/** Who is refused asks again within a second; whoever has not for this long asks no more, ms. */
const STANDS_MS = 3000;

/**
 * Keeps the banner that says in its own words that Redis refuses to write: while anybody was refused within the last three seconds and not
 * served since. Returns the way to tell: `words` is '' once `who` was served.
 */
export const showingRefusals = (state: Pick<RoomState, 'setBanner'>): ((who: string, words: string) => void) => {
	const refusals = new Map<string, {readonly words: string; readonly end: NodeJS.Timeout}>();
	const show = (): void => {
		const last = [...refusals.values()].at(-1);
		state.setBanner('redis-refuses', last && {severity: 'error', text: `Redis refuses to write: ${cleanText(last.words, 200)}`});
	};
	const served = (who: string): void => {
		clearTimeout(refusals.get(who)?.end);
		if (refusals.delete(who)) show();
	};
	return (who, words) => {
		if (!words) {
			served(who);
			return;
		}
		clearTimeout(refusals.get(who)?.end);
		refusals.set(who, {words, end: setTimeout(() => served(who), STANDS_MS).unref()});
		show();
	};
};
