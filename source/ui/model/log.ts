import type {RoomEvent} from '../../core/event.ts';
import {eventMatcher} from '../../core/event-filter.ts';
import {isNewer} from '../../core/snapshot.ts';
import type {Direction, EventPage} from '../../store/past.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Log} from '../state/pages/record-pages.ts';

/** Entries that a view keeps of the record; the far end is let go when more come, and read again when it is wanted. */
export const MOST_ENTRIES = 2000;
/** Rows from an end at which more is read, and so many are read at first. */
export const NEAR = 60;

/** No more than `MOST_ENTRIES`: what lies at the end opposite to `grown` goes. */
const bounded = (log: Log, grown: Direction): Log => {
	const {entries} = log;
	if (entries.length <= MOST_ENTRIES) return log;
	if (grown === 'newer') {
		const kept = entries.slice(-MOST_ENTRIES);
		return {...log, entries: kept, reached: {...log.reached, older: kept[0]?.id ?? ''}, has: {...log.has, older: true}};
	}
	const kept = entries.slice(0, MOST_ENTRIES);
	return {...log, entries: kept, reached: {...log.reached, newer: kept.at(-1)?.id ?? ''}, has: {...log.has, newer: true}};
};

/** What came since, from the entries that every view knows; where more came than those, the rest has to be read. */
export const withLive = (log: Log, {team}: RoomSnapshot): Log => {
	const {newer} = log.reached;
	const [first] = team.events;
	if (newer === '' || log.has.newer || !first || !isNewer(team.streamId, newer)) return log;
	if (isNewer(first.id, newer)) return {...log, has: {...log.has, newer: true}};
	const last = log.entries.at(-1)?.id ?? '0-0';
	const passes = eventMatcher(log.filter);
	const fresh = team.events.filter(event => isNewer(event.id, newer) && isNewer(event.id, last) && passes(event));
	const entries = fresh.length > 0 ? [...log.entries, ...fresh] : log.entries;
	return bounded({...log, entries, reached: {...log.reached, newer: team.streamId}}, 'newer');
};

/** An answer joined to what is there; undefined: there was none. */
export const withAnswer = (log: Log, direction: Direction, page: EventPage | undefined): Log => {
	if (!page) return {...log, asked: undefined, isAway: true};
	const known = new Set(log.entries.map(({id}) => id));
	const fresh = page.entries.filter(({id}) => !known.has(id));
	const entries = direction === 'older' ? [...fresh, ...log.entries] : [...log.entries, ...fresh];
	const reached = {...log.reached, [direction]: page.reached};
	return bounded(
		{...log, entries, reached, has: {...log.has, [direction]: !page.isEnd}, asked: undefined, isAway: false, reach: page.reach},
		direction,
	);
};

/** What has to be read so that there is something beyond the row `at`; undefined where nothing has. */
export const wantedOf = (log: Log, at: number): Direction | undefined => {
	if (log.asked) return undefined;
	if (log.has.newer && at >= log.entries.length - NEAR) return 'newer';
	return log.has.older && (at < NEAR || log.entries.length < NEAR) ? 'older' : undefined;
};

/** The row of an entry, the last for ''; where it is gone, the next one after it. */
export const rowOf = (entries: readonly RoomEvent[], id: string): number => {
	if (id === '') return entries.length - 1;
	const at = entries.findIndex(event => !isNewer(id, event.id));
	return at === -1 ? entries.length - 1 : at;
};
