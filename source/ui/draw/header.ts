import {age, clock} from '../model/ages.ts';
import {LOOK_ORDER, LOOKS, type Look} from '../model/looks.ts';
import {counts} from '../model/queue.ts';
import {roster} from '../model/roster.ts';
import {type Drawing, teamNow} from './context.ts';
import {cut, dropRight, type Line, lineWidth, span, spread} from './text.ts';

const HEADER_ORDER: readonly Look[] = ['asks', 'dead', 'stalled', 'working', 'review', 'merging', 'idle', 'paused'];

/** How many agents are in each look, with their words where there is room: `▲2 need you`. */
const lookCounts = (drawing: Drawing, hasWords: boolean): readonly Line[] => {
	const rows = roster(drawing.snapshot, teamNow(drawing));
	const count = (look: Look): number => rows.filter(row => row.look === look || (look === 'working' && row.look === 'starting')).length;
	return HEADER_ORDER.filter(look => LOOK_ORDER.includes(look) && count(look) > 0).map(look => {
		const {badge, tone, word} = LOOKS[look];
		return [span(`${badge.slice(0, 1)}${count(look)}`, tone), ...(hasWords ? [span(` ${word}`)] : [])];
	});
};

const banner = ({snapshot, now}: Drawing): Line => {
	const {redis, team} = snapshot;
	if (!redis.isConnected) return [span(` REDIS LOST ${age(now - redis.lostAt)} `, 'badge')];
	if (team.control.frozen) return [span(' ‖ FROZEN ‖ ', 'frozen'), span(' X  resume or kill…')];
	if (team.control.paused) return [span(' ‖ ALL PAUSED ‖ ', 'frozen')];
	if (team.control.drained) return [span(' ‖ DRAINED ', 'frozen'), span(' P  hand out again')];
	return [];
};

/**
 * The top row: who and where, how many do what, queue and merges, the clock. What does not fit is left out in this order: the
 * words, the counts from the right, the repository; a lost Redis and a freeze never are.
 */
export const headerLine = (drawing: Drawing): Line => {
	const {snapshot, layout, now} = drawing;
	const {columns} = layout;
	const {queued, merging} = counts(snapshot);
	const repository = cut(`${snapshot.repository.name}@${snapshot.repository.base}`, Math.max(10, Math.floor(columns / 5)));
	const isLong = columns >= 100;
	const name: Line = [span(isLong ? ' agent-room' : ' room', 'strong')];
	const place: Line = [span(repository)];
	const loud = banner(drawing);
	const right: Line = [span(` q${queued}${isLong ? '  ' : ' '}m${merging}`), span(`${isLong ? '   ' : '  '}${clock(now)} `)];
	const free = columns - lineWidth(right) - lineWidth(name) - 2;
	const must = [...(loud.length > 0 ? [loud] : [])];
	const gap = isLong ? '  ' : ' ';
	const variants = [
		[place, ...must, ...lookCounts(drawing, true)],
		[place, ...must, ...lookCounts(drawing, false)],
		[...must, ...lookCounts(drawing, false)],
	];
	const widthOfAll = (parts: readonly Line[]): number => parts.reduce((sum, part) => sum + lineWidth(part) + gap.length, 0);
	const chosen = variants.find(parts => widthOfAll(parts) <= free) ?? variants[2] ?? [];
	return spread([...name, span('  '), ...dropRight(chosen, free, gap)], right, columns);
};
