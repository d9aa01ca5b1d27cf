import type {RoomEvent} from '../../core/event/event.ts';
import {type EventFilter, eventMatcher} from '../../core/event/words.ts';
import {replayedLine} from '../../core/protocol/output.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {advance, type Checkpoint, type Moment, type RoomRecord, type Segment, stateAt} from '../../core/team/replay.ts';
import {isNewer} from '../../core/team/snapshot.ts';
import type {Direction, EventPage, Past, PastRoom, Reach, Target} from '../../store/history.ts';
import type {Room} from '../parts/parts.ts';

/** Answers which period the room can replay, or shows it at one moment of the record. Reads Redis, not the room's memory. */
export const history = async ({link, record}: Pick<Room, 'link' | 'record'>, {at}: Extract<Request, {op: 'replay'}>): Promise<Reply> => {
	if (!at) return {ok: true, code: 'ok', data: await link.coordination.record.range()};
	const replayed = await link.coordination.record.stateAt(at);
	if (replayed === 'gone')
		return {
			ok: false,
			code: 'too-old',
			message: 'The event log does not go back that far.',
			hint: 'See `agent-room replay` for its oldest event.',
		};
	return {ok: true, code: 'ok', data: replayedLine(replayed, record.getFresh())};
};

const ENTRIES_A_READ = 1000;
/** Maximum of entries read for one question, however few pass its filter. */
const MOST_LOOKED_AT = 20_000;
const MOST_STEPS = 500;
/** Entries shown before and after a moment. */
const AROUND = {before: 60, after: 30} as const;
/** Segments of the record kept in memory, each of at most a few thousand entries. */
const SEGMENTS_KEPT = 2;
/** Maximum of entries folded for one step within a segment: stepping back must not restart from its checkpoint each time. */
const ENTRIES_A_STOP = 250;

type Stretch = Segment & {
	/** The state after each whole `ENTRIES_A_STOP` entries, as far as it was needed. */
	readonly stops: Checkpoint[];
};

const timeOf = (id: string): number => Number(id.split('-')[0]) || 0;

/** The state right after an entry of a segment, folded from the checkpoint as by `stateAt`. */
const stateIn = ({checkpoint, events, stops}: Stretch, moment: Moment) => {
	const happened = events.findLastIndex(({id}) => !isNewer(id, moment.id)) + 1;
	const whole = Math.floor(happened / ENTRIES_A_STOP);
	while (stops.length < whole) {
		const at = stops.length * ENTRIES_A_STOP;
		stops.push(advance(stops.at(-1) ?? checkpoint, events.slice(at, at + ENTRIES_A_STOP)));
	}
	return stateAt(whole > 0 ? (stops[whole - 1] ?? checkpoint) : checkpoint, events.slice(whole * ENTRIES_A_STOP, happened), moment);
};

/** The record of the room for its views; memory is limited to `SEGMENTS_KEPT` segments and their stops. */
export const createPast = (record: RoomRecord, log: (line: string) => void): Past => {
	let kept: readonly Stretch[] = [];

	const scan = async (from: string, direction: Direction, filter: EventFilter, count: number): Promise<Omit<EventPage, 'reach'>> => {
		const passes = eventMatcher(filter);
		const found: RoomEvent[] = [];
		let reached = from;
		for (let looked = 0; looked < MOST_LOOKED_AT; ) {
			const read = await record.next(reached, direction, Math.min(ENTRIES_A_READ, Math.max(count * 2, 100)));
			looked += read.length;
			for (const event of direction === 'older' ? read.toReversed() : read) {
				reached = event.id;
				if (passes(event)) found.push(event);
				if (found.length === count) return {entries: direction === 'older' ? found.toReversed() : found, reached, isEnd: false};
			}
			if (read.length === 0) return {entries: direction === 'older' ? found.toReversed() : found, reached, isEnd: true};
		}
		return {entries: direction === 'older' ? found.toReversed() : found, reached, isEnd: false};
	};

	const stretchOf = async (id: string): Promise<Stretch | 'gone'> => {
		const known = kept.find(({from, until}) => !isNewer(from, id) && !isNewer(id, until));
		if (known) {
			kept = [known, ...kept.filter(other => other !== known)];
			return known;
		}
		const segment = await record.segment(id);
		if (segment === 'gone') return segment;
		const stretch = {...segment, stops: []};
		// A growing segment replaces its earlier copy.
		kept = [stretch, ...kept.filter(({from}) => from !== segment.from)].slice(0, SEGMENTS_KEPT);
		return stretch;
	};

	/** The entry that a human selected, within what can be shown. */
	const resolve = async (to: Target, filter: EventFilter, oldest: Moment, newest: Moment): Promise<Moment> => {
		const within = (id: string, at = timeOf(id)): Moment =>
			isNewer(oldest.id, id || '0-0') ? oldest : isNewer(id, newest.id) ? newest : {id, at};
		if ('at' in to) return within(await record.lastUntil(to.at), Math.min(newest.at, Math.max(oldest.at, to.at)));
		if (to.steps === 0) return to.from === '' ? newest : within(to.from);
		const direction = to.steps < 0 ? 'older' : 'newer';
		const {entries} = await scan(to.from, direction, filter, Math.min(MOST_STEPS, Math.abs(to.steps)));
		const found = direction === 'older' ? entries[0] : entries.at(-1);
		return found ? within(found.id) : direction === 'older' ? oldest : newest;
	};

	const reach = async (): Promise<Reach> => {
		const [{entries, gone}, [first]] = await Promise.all([record.range(), record.next('', 'newer', 1)]);
		return {from: first?.at ?? 0, entries, gone};
	};

	const page = async (...asked: Parameters<Past['entries']>): Promise<EventPage> => {
		const [found, reached] = await Promise.all([scan(...asked), reach()]);
		return {...found, reach: reached};
	};

	const look = async (to: Target, filter: EventFilter): Promise<PastRoom | 'gone'> => {
		const {oldest, newest, gone} = await record.range();
		if (!oldest || !newest) return 'gone';
		const moment = await resolve(to, filter, oldest, newest);
		const stretch = await stretchOf(moment.id);
		if (stretch === 'gone') return 'gone';
		const [before, after] = await Promise.all([
			scan(moment.id, 'older', filter, AROUND.before),
			scan(moment.id, 'newer', filter, AROUND.after),
		]);
		const here = stretch.events.filter(({id}) => id === moment.id).filter(eventMatcher(filter));
		return {
			team: stateIn(stretch, moment),
			moment,
			before: [...before.entries, ...here],
			after: after.entries,
			oldest,
			newest,
			gone,
		};
	};

	/** No answer while Redis is away; the view asks again. */
	const answered = <T>(question: Promise<T>): Promise<T | undefined> =>
		question.catch((error: unknown) => {
			log(`event log: ${error instanceof Error ? error.message : String(error)}`);
			return undefined;
		});

	return {
		entries: (...asked) => answered(page(...asked)),
		look: (to, filter) => answered(look(to, filter)),
	};
};
