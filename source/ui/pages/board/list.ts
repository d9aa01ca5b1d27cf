import {attemptCount} from '../../../core/task/attempts.ts';
import type {Task} from '../../../core/task/task.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import type {Column, chosenCard} from '../../model/board.ts';
import {age, ageInList} from '../../model/time.ts';
import {leadOf} from '../../panels/list.ts';
import type {Target} from '../../state/descriptor.ts';
import type {BoardPage} from '../../state/pages.ts';
import {isMarked} from '../../state/unread.ts';
import {type BoxContent, windowStart} from '../../text/box.ts';
import {cell, cut, type Line, lineWidth, said, span, widthOf, wrap} from '../../text/text.ts';
import {whereOf} from '../task/facts.ts';
import {cardName, cardOf, countText, emptyLines, NAMES} from './card.ts';

const SHORT: Readonly<Partial<Record<Column['name'], string>>> = {done: 'Done'};

/** All columns with counts, the shown one in brackets; if too wide, only that one and its position. */
const tabs = (columns: readonly Column[], shown: Column, width: number): Line => {
	const all = tabSpans(columns, shown);
	if (lineWidth(all) <= width) return all;
	return [span(`${NAMES[shown.name]} ${countText(shown)}`, 'strong'), span(`  ${columns.indexOf(shown) + 1} of ${columns.length}`, 'dim')];
};

const tabSpans = (columns: readonly Column[], shown: Column): Line =>
	columns.map(column => {
		const text = `${SHORT[column.name] ?? NAMES[column.name]} ${countText(column)}`;
		return column === shown ? span(`[${text}]`, 'strong') : span(` ${text} `, 'dim');
	});

const tabTargets = (columns: readonly Column[], shown: Column, width: number): readonly Target[] => {
	const all = tabSpans(columns, shown);
	if (lineWidth(all) > width) return [];
	return all.map(({text}, index) => ({
		rect: {x: 2 + lineWidth(all.slice(0, index)), y: 1, columns: widthOf(text), rows: 1},
		column: columns[index]?.name ?? '',
		id: '',
	}));
};

type Widths = {readonly ids: number; readonly who: number; readonly costs: number};

const rowLine = (task: Task, {name}: Column, lead: string, drawing: Drawing, columns: number, {ids, who, costs}: Widths): Line => {
	const card = cardOf(task, name, drawing);
	const now = teamNow(drawing);
	const isOver = name === 'done';
	const money = costs > 0 ? ` ${card.cost.padStart(costs)}` : '';
	const middle = columns >= 60 ? ` ${cell(card.who, who)}${money} ` : ' ';
	const mark = isMarked(card.toldAt, [task.owner, `task:${task.id}`], drawing.state, drawing) ? '•' : ' ';
	const end = ageInList(isOver ? 0 : card.since, now).padStart(isOver ? 0 : 4);
	const left = columns - lead.length - 2 - 1 - ids - 1 - widthOf(middle) - 1 - widthOf(end);
	const hasWhy = left >= 30;
	const title = hasWhy ? Math.max(12, Math.floor(left * 0.5)) : left;
	const why = name === 'queued' || name === 'working' ? card.why : [...card.facts, card.why].filter(Boolean).join(' · ');
	return [
		span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
		span(card.badge, card.tone),
		span(` ${cell(task.id, ids)} `, 'strong'),
		span(cell(task.title, title)),
		span(middle, 'dim'),
		...(hasWhy ? [span(cell(why, left - title), card.whyTone)] : []),
		span(mark, 'strong'),
		span(end, 'dim'),
	];
};

/** The row has the age of its state, as rows everywhere; the whole time stands here, by name. */
const wholeTime = ({startedAt, doneAt}: Task, now: number): string => {
	if (startedAt === 0) return '';
	const time = age(Math.max(0, (doneAt || now) - startedAt));
	return doneAt > 0 ? `took ${time}` : `started ${time} ago`;
};

const detailLines = (task: Task, drawing: Drawing, columns: number, rows: number): readonly Line[] => {
	const facts = [
		task.attempt > 0 ? `attempt ${attemptCount(task)}` : 'not started',
		wholeTime(task, teamNow(drawing)),
		task.branch,
		task.paths.length > 0 ? `changes ${task.paths.join(', ')}` : '',
		task.after.length > 0 ? `depends on ${task.after.join(', ')}` : '',
	];
	return [
		...wrap(whereOf(task, drawing), columns - 2, Math.max(1, rows - 1)).map((row): Line => [span(` ${row}`)]),
		[
			span(
				` ${cut(
					facts
						.filter(Boolean)
						.map(text => said(text))
						.join(' · '),
					columns - 2,
				)}`,
				'dim',
			),
		],
	].slice(0, rows);
};

/** One column as rows, the others as tabs; below, the chosen task's status. */
export const boardList = (
	drawing: Drawing,
	page: BoardPage,
	all: readonly Column[],
	chosen: ReturnType<typeof chosenCard>,
	rows: number,
): {readonly boxes: readonly BoxContent[]; readonly targets: readonly Target[]} => {
	const {layout, state} = drawing;
	const column = all.find(({name}) => name === chosen.column) ?? all[0];
	if (!column) return {boxes: [], targets: []};
	const detail = layout.rows >= 20 && chosen.task ? 4 : 0;
	const height = rows - detail;
	const inner = layout.columns - 2;
	const {tasks, more} = column;
	const room = Math.max(1, height - 2 - (more > 0 ? 1 : 0));
	const start = windowStart(tasks.length, room, chosen.index);
	const shown = tasks.slice(start, start + room);
	const widest = (text: (task: Task) => string, most: number): number =>
		Math.min(most, Math.max(1, ...shown.map(task => widthOf(said(text(task))))));
	const cards = shown.map(task => cardOf(task, column.name, drawing));
	const widths = {
		ids: widest(({id}) => id, 10),
		who: Math.min(9, Math.max(0, ...cards.map(card => widthOf(card.who)))),
		costs: Math.max(0, ...cards.map(card => card.cost.length)),
	};
	const lines = shown.map((task, row) =>
		rowLine(task, column, leadOf(start + row === chosen.index, page.marks, task.id), drawing, inner, widths),
	);
	const list: BoxContent = {
		rect: {x: 0, y: 1, columns: layout.columns, rows: height},
		title: tabs(all, column, layout.columns - 6),
		footer: tasks.length > room ? [span(`${start + 1}-${start + shown.length} of ${tasks.length}`, 'dim')] : [],
		lines:
			tasks.length + more === 0
				? [[], ...emptyLines(column.name, page.filter, inner, drawing)]
				: [...lines, ...(more > 0 ? [[span(` … ${more} more`, 'dim')] as Line] : [])],
		selected: shown.length > 0 ? chosen.index - start : -1,
		isHeavy: !state.dialog,
		tone: 'plain',
	};
	const targets: readonly Target[] = [
		...shown.map(({id}, row) => ({rect: {x: 0, y: 2 + row, columns: layout.columns, rows: 1}, column: column.name, id})),
		...tabTargets(all, column, layout.columns - 6),
	];
	if (!chosen.task || detail === 0) return {boxes: [list], targets};
	const below: BoxContent = {
		rect: {x: 0, y: 1 + height, columns: layout.columns, rows: detail},
		title: [span(cut(cardName(chosen.task), layout.columns - 6))],
		lines: detailLines(chosen.task, drawing, inner, detail - 2),
		selected: -1,
		isHeavy: false,
		tone: 'plain',
	};
	return {boxes: [list, below], targets};
};
