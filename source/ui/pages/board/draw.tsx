import {Box} from 'ink';
import {median} from '../../../core/task/estimate.ts';
import {totalOf} from '../../../core/team/window.ts';
import {dollars} from '../../../core/text/format.ts';
import {type Drawing, moneyText, onceFor} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import type {Column, chosenCard} from '../../model/board.ts';
import {age, clock, remember} from '../../model/time.ts';
import {leadOf} from '../../panels/list.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import {inPlace} from '../../parts/in-place.ts';
import {NO_OVERFLOW, type PageContent, type Target} from '../../state/descriptor.ts';
import {checkBoard} from '../../state/page-task.ts';
import type {BoardPage} from '../../state/pages.ts';
import {isMarked} from '../../state/unread.ts';
import type {BoxContent} from '../../text/box.ts';
import {cell, cut, dropRight, type Line, lineWidth, span, spread} from '../../text/text.ts';
import {cardOf, countText, emptyLines, factsText, NAMES} from './card.ts';
import {boardList} from './list.ts';

type Chosen = ReturnType<typeof chosenCard>;

/** A card with a blank row. */
const CARD = 4;
const NARROWEST = 24;
/** A column without cards keeps its heading and gives the others its width. */
const EMPTY = 18;

/** The columns that fit, the chosen one among them, and where each begins and ends. */
const columnsIn = (all: readonly Column[], at: number, width: number): {readonly from: number; readonly edges: readonly number[]} => {
	// Where all are empty, none has anything to give.
	const isBlank = all.every(({tasks, more}) => tasks.length + more === 0);
	const isEmpty = ({tasks, more}: Column): boolean => !isBlank && tasks.length + more === 0;
	const least = all.map(column => (isEmpty(column) ? EMPTY : NARROWEST));
	const sum = (from: number, to: number): number => least.slice(from, to).reduce((total, one) => total + one, 0);
	const from = Math.max(
		0,
		all.findIndex((_, start) => sum(start, at + 1) <= width),
	);
	const to = all.findLastIndex((_, end) => end >= at && sum(from, end + 1) <= width) + 1;
	const shown = all.slice(from, to);
	const full = shown.filter(column => !isEmpty(column)).length;
	const given = full === 0 ? 0 : shown.length - full;
	const share = (width - given * EMPTY) / (shown.length - given);
	const edges = [0];
	for (const column of shown) edges.push((edges.at(-1) ?? 0) + (given > 0 && isEmpty(column) ? EMPTY : share));
	return {from, edges: edges.map(Math.round)};
};

const cardLines = (
	task: Column['tasks'][number],
	{name: column}: Column,
	isChosen: boolean,
	{marks}: BoardPage,
	drawing: Drawing,
	columns: number,
): readonly Line[] => {
	const card = cardOf(task, column, drawing);
	const id = cut(task.id, Math.max(4, Math.floor(columns / 2) - 2));
	const lead = leadOf(isChosen, marks, task.id);
	const left = columns - lead.length - 2 - 1 - lineWidth([span(id)]) - 1;
	const mark = isMarked(card.toldAt, [task.owner, `task:${task.id}`], drawing.state, drawing) ? '•' : ' ';
	return [
		[
			span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
			span(card.badge, card.tone),
			span(` ${id} `, 'strong'),
			span(cell(task.title, left), card.tone === 'badge' || column === 'working' ? 'strong' : 'plain'),
		],
		[span(` ${mark}`, 'strong'), span(factsText(card, column, columns - 3), 'dim')],
		[span(`  ${cut(card.why, columns - 3)}`, card.whyTone)],
		[],
	];
};

/** Cards that fit in so many rows, with the chosen one; the last row counts the rest. */
const cardsIn = ({name, tasks, more}: Column, chosen: Chosen, rows: number) => {
	const hasMore = tasks.length * CARD - 1 > rows || more > 0;
	const most = Math.max(1, Math.floor((hasMore ? rows : rows + 1) / CARD));
	const start = chosen.column === name ? Math.max(0, Math.min(tasks.length - most, chosen.index - Math.floor(most / 2))) : 0;
	return {start, shown: tasks.slice(start, start + most)};
};

const targetsIn = (column: Column, chosen: Chosen, rect: BoxContent['rect']): readonly Target[] => [
	...cardsIn(column, chosen, rect.rows - 2).shown.map(({id}, row) => ({
		rect: {x: rect.x + 1, y: rect.y + 1 + row * CARD, columns: rect.columns - 2, rows: CARD},
		column: column.name,
		id,
	})),
	{rect, column: column.name, id: ''},
];

const columnBox = (
	column: Column,
	chosen: Chosen,
	page: BoardPage,
	drawing: Drawing,
	rect: BoxContent['rect'],
	note: string,
): BoxContent => {
	const {name, tasks, more} = column;
	const [columns, rows] = [rect.columns - 2, rect.rows - 2];
	const isHere = chosen.column === name;
	const {start, shown} = cardsIn(column, chosen, rows);
	const left = tasks.length - start - shown.length + more;
	// The count of the rest replaces the last blank row.
	const cards = shown
		.flatMap((task, row) => cardLines(task, column, isHere && start + row === chosen.index, page, drawing, columns))
		.slice(0, left > 0 ? rows - 1 : rows);
	const last: readonly Line[] = left > 0 ? [[span(` … ${left} more`, 'dim')]] : [];
	return {
		rect,
		title: [span(`${note}${NAMES[name]} ${countText(column)}`, isHere ? 'strong' : 'plain')],
		footer: start > 0 ? [span(`${start + 1}-${start + shown.length} of ${tasks.length + more}`, 'dim')] : [],
		lines: tasks.length + more === 0 ? [[], ...emptyLines(name, page.filter, columns, drawing)] : [...cards, ...last],
		selected: isHere && shown.length > 0 ? (chosen.index - start) * CARD : -1,
		isHeavy: isHere && !drawing.state.dialog,
		tone: 'plain',
	};
};

/** Median time from queue to merge, and cost, of merged tasks. */
const medians = remember(({team}) => {
	const merged = [...team.tasks.values()].filter(({state}) => state === 'merged');
	return {
		lead: median(merged.filter(({doneAt, createdAt}) => doneAt > createdAt).map(({doneAt, createdAt}) => doneAt - createdAt)),
		cost: median(merged.filter(({spent}) => spent > 0).map(({spent}) => spent)),
	};
});

const boardHeader = (page: BoardPage, drawing: Drawing): Line => {
	const {snapshot, layout, now} = drawing;
	const isLong = layout.columns >= 100;
	const {lead, cost} = medians(snapshot, now);
	const total = totalOf(snapshot.team.counts);
	const money = moneyText(drawing);
	const gap = isLong ? '   ' : '  ';
	const right: Line = [...(money ? [span(`${gap}${money}`)] : []), span(`${gap}${clock(now)} `)];
	const name: Line = [span(isLong ? ' agent-room › board' : ' room › board', 'strong'), span(gap)];
	const parts: readonly Line[] = [
		...(isLong ? [[span(cut(`${snapshot.repository.name}@${snapshot.repository.base}`, 24))] as Line] : []),
		...(page.marks.length > 0 ? [[span(`${page.marks.length} marked`, 'strong'), span(' · esc', 'dim')] as Line] : []),
		...(page.filter ? [[span(`/${cut(page.filter, 20)}`, 'strong')] as Line] : []),
		[span(total === 1 ? '1 task' : `${total} tasks`)],
		[span(`sort: ${page.sort}`)],
		...(lead > 0 ? [[span(`lead time ${age(lead)} median`)] as Line] : []),
		...(cost > 0 ? [[span(`cost/task ${dollars(cost)} median`)] as Line] : []),
	];
	return spread([...name, ...dropRight(parts, layout.columns - lineWidth(name) - lineWidth(right), gap)], right, layout.columns);
};

type Boxes = {readonly isWide: boolean; readonly boxes: readonly BoxContent[]; readonly targets: readonly Target[]};

const panels = onceFor((drawing, page: BoardPage): Boxes => {
	const {layout} = drawing;
	const {columns: all, chosen} = checkBoard(page, drawing);
	const rows = layout.rows - 2 - Math.max(1, layout.attention.length);
	if (layout.columns < 100) return {isWide: false, ...boardList(drawing, page, all, chosen, rows)};
	const {from, edges} = columnsIn(
		all,
		all.findIndex(({name}) => name === chosen.column),
		layout.columns,
	);
	const across = edges.length - 1;
	const shown = all.slice(from, from + across);
	const rectOf = (index: number): BoxContent['rect'] => {
		const [x = 0, end = 0] = edges.slice(index, index + 2);
		return {x, y: 1, columns: end - x, rows};
	};
	const boxes = shown.map((column, index) => {
		const note = index === 0 && from > 0 ? '← ' : '';
		const box = columnBox(column, chosen, page, drawing, rectOf(index), note);
		return index === across - 1 && from + across < all.length ? {...box, titleRight: [span('→')]} : box;
	});
	return {isWide: true, boxes, targets: shown.flatMap((column, index) => targetsIn(column, chosen, rectOf(index)))};
});

/** The board: as many card columns as fit; on a narrow screen one column of rows under tabs. */
export const BoardPanels = () => {
	const page = usePage('board', shownOn);
	return (
		page && (
			<Box flexDirection={page.isWide ? 'row' : 'column'}>
				{inPlace(page.boxes, box => (
					<PanelOf box={box} />
				))}
			</Box>
		)
	);
};
const shownOn = (drawing: Drawing, page: BoardPage) => {
	const {isWide, boxes} = panels(drawing, page);
	return {isWide, boxes: boxes.map(boxData)};
};

export const boardPage = (drawing: Drawing, page: BoardPage): PageContent => ({
	header: boardHeader(page, drawing),
	targets: panels(drawing, page).targets,
	overflow: NO_OVERFLOW,
});
