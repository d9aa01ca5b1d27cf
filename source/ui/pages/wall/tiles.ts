import {hasProgram} from '../../model/agents.ts';
import {panelRows} from '../../model/attention.ts';
import {STATUS_STYLES} from '../../model/status-styles.ts';
import {serverNow} from '../../model/time.ts';
import type {Tile} from '../../state/descriptor.ts';
import type {Context} from '../../state/message.ts';
import type {WallPage} from '../../state/pages.ts';
import type {Rect} from '../../text/layout.ts';

/** The smallest terminal of a wall. */
export const LEAST = {columns: 100, rows: 30} as const;
/** Frames included: a tile that still tells something, and one that reads well. */
const SMALLEST = {columns: 30, rows: 7} as const;
const FITTING = {columns: 48, rows: 9} as const;
/** What a person types into has at least a terminal of 80x24 and its frame. */
const TYPED = {columns: 82, rows: 26} as const;

/** How many tiles a wall may have, and in how many rows on a wide terminal; where it is high, columns and rows change places. */
const GRIDS: readonly (readonly [tiles: number, rows: number])[] = [
	[1, 1],
	[2, 1],
	[4, 2],
	[6, 2],
	[9, 3],
	[12, 3],
	[16, 4],
	[20, 4],
	[25, 5],
];

type Size = {readonly columns: number; readonly rows: number};
type Grid = {readonly tiles: number; readonly rows: number};

/** Of both ways to lay a grid the one whose tiles are more like a terminal; undefined if neither has tiles of `least`. */
const gridIn = ({columns, rows}: Size, [tiles, across]: (typeof GRIDS)[number], least: Size): Grid | undefined => {
	const ways = [across, tiles / across].map(count => ({
		count,
		width: Math.floor(columns / (tiles / count)),
		height: Math.floor(rows / count),
	}));
	const [best] = ways
		.filter(({width, height}) => width >= least.columns && height >= least.rows)
		.sort((a, b) => Math.min(b.width / 80, b.height / 24) - Math.min(a.width / 80, a.height / 24));
	return best && {tiles, rows: best.count};
};

const gridsIn = (body: Size, least: Size): readonly Grid[] => GRIDS.flatMap(grid => gridIn(body, grid, least) ?? []);

/** The grid for `agents`: as many tiles as fit well, or at most `wanted` (0 for no wish) as far as they fit at all. */
const gridFor = (body: Size, agents: number, wanted: number): Grid => {
	const all = gridsIn(body, wanted > 0 ? SMALLEST : FITTING);
	const most = wanted > 0 ? wanted : agents;
	const enough = all.find(({tiles}) => tiles >= most);
	const fitting = all.filter(({tiles}) => tiles <= most).at(-1);
	return (wanted > 0 ? fitting : (enough ?? fitting)) ?? {tiles: 1, rows: 1};
};

/** The next larger or smaller number of tiles that fits; undefined at the end. */
export const otherGrid = (body: Size, agents: number, wanted: number, by: 1 | -1): number | undefined => {
	const all = gridsIn(body, SMALLEST).map(({tiles}) => tiles);
	const now = Math.min(gridFor(body, agents, wanted).tiles, wanted > 0 ? wanted : Number.POSITIVE_INFINITY);
	return by === 1 ? all.find(tiles => tiles > now && now < agents) : all.findLast(tiles => tiles < now);
};

export const bodyOf = ({columns, rows}: Size): Rect => ({x: 0, y: 1, columns, rows: rows - 3});

/** Rectangles of `count` tiles: rows of equal height; a row that is not full shares its width. */
export const tileRects = (body: Rect, agents: number, wanted: number): readonly Rect[] => {
	const grid = gridFor(body, agents, wanted);
	const count = Math.min(agents, grid.tiles);
	const across = grid.tiles / grid.rows;
	const rows = Math.ceil(count / across);
	return Array.from({length: count}, (_, index): Rect => {
		const row = Math.floor(index / across);
		const inRow = row === rows - 1 ? count - row * across : across;
		const column = index - row * across;
		const [left, right] = [column, column + 1].map(at => Math.floor((body.columns * at) / inRow));
		const [top, bottom] = [row, row + 1].map(at => Math.floor((body.rows * at) / rows));
		return {x: body.x + (left ?? 0), y: body.y + (top ?? 0), columns: (right ?? 0) - (left ?? 0), rows: (bottom ?? 0) - (top ?? 0)};
	});
};

/** The agents that have a tile. */
export const tilesOf = ({places, tiles}: WallPage, layout: Size): readonly Tile[] =>
	tileRects(bodyOf(layout), places.length, tiles).flatMap((rect, at) => {
		const agent = places[at];
		return agent === undefined ? [] : [{agent, rect}];
	});

/** A tile that is typed into: large enough that its program is never made smaller than 80x24, over its place as far as possible. */
export const grownRect = (tile: Rect, body: Rect): Rect => {
	const columns = Math.min(body.columns, Math.max(tile.columns, TYPED.columns));
	const rows = Math.min(body.rows, Math.max(tile.rows, TYPED.rows));
	return {
		x: Math.min(tile.x, body.x + body.columns - columns),
		y: Math.min(tile.y, body.y + body.rows - rows),
		columns,
		rows,
	};
};

/** Agents for the wall, most urgent first: pinned ones, then those that need you, those at work, and the others. */
const candidates = (pins: readonly string[], {snapshot, now}: Pick<Context, 'snapshot' | 'now'>) =>
	panelRows(snapshot, serverNow(snapshot, now)).flatMap(({id, look, agent}) => {
		if (!agent || agent.status === 'stopped') return [];
		const pin = pins.indexOf(id);
		const isNeed = STATUS_STYLES[look].group === 'needs';
		return [{id, rank: pin >= 0 ? pin - pins.length : isNeed ? 0 : hasProgram(id, snapshot) ? 1 : 2}];
	});

/**
 * Who stands where: the first `tiles` are seen. Whoever has a tile keeps it unless somebody more urgent needs it, so that nothing moves
 * under the eyes; `held` is kept anyway.
 */
export const placesOf = (
	before: readonly string[],
	pins: readonly string[],
	held: string,
	tiles: (agents: number) => number,
	context: Pick<Context, 'snapshot' | 'now'>,
): readonly string[] => {
	const all = candidates(pins, context);
	const count = tiles(all.length);
	const seen = new Set(before.slice(0, count));
	const rankOf = ({id, rank}: (typeof all)[number]): number => (id === held && seen.has(id) ? Number.NEGATIVE_INFINITY : rank);
	const order = all.toSorted((a, b) => rankOf(a) - rankOf(b) || Number(seen.has(b.id)) - Number(seen.has(a.id))).map(({id}) => id);
	const front = order.slice(0, count);
	const fresh = front.filter(id => !seen.has(id));
	const kept = before.slice(0, count).map(id => (front.includes(id) ? id : ''));
	const places = Array.from({length: front.length}, (_, at) => kept[at] || fresh.shift() || '');
	const next = [...places, ...order.slice(count)];
	return next.length === before.length && next.every((id, at) => id === before[at]) ? before : next;
};
