import {agentName} from '../../../core/agent.ts';
import {priorityBadge, type Task, type WholeTask, withoutTexts} from '../../../core/task.ts';
import {clock} from '../../model/ages.ts';
import {conflicts} from '../../model/conflicts.ts';
import {TRAIN_LOOKS, trainRows} from '../../model/train.ts';
import type {Page} from '../../state/page.ts';

import {field, heading, paragraph, times, verbatim} from '../blocks.ts';
import type {BoxContent} from '../box.ts';
import {type Drawing, teamNow} from '../context.ts';
import {reviewLines} from '../reviews.ts';
import {cut, type Line, said, span, spread} from '../text.ts';
import {NO_OVERFLOW, type PageContent} from './page.ts';
import {taskFacts, testText, titleOf} from './task-facts.ts';

type TaskPage = Extract<Page, {kind: 'task'}>;

const testLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => {
	const row = trainRows(drawing.snapshot).find(other => other.task.id === task.id);
	const text = testText(task, drawing, teamNow(drawing));
	return [
		...field('last run', text, columns, {tone: task.testExit > 0 ? 'warning' : 'plain'}),
		...field('log', task.testLog ? `${task.testLog} · l opens it` : '', columns),
		...field('flaky', task.flaky > 0 ? `${times(task.flaky)} its tests failed and then passed on the same commit` : '', columns),
		...field('thrown out', task.ejections > 0 ? `of the train ${times(task.ejections)}, with proof` : '', columns),
		...field(
			'train',
			row
				? `${TRAIN_LOOKS[row.state].word}${row.place > 0 ? `, place ${row.place}` : ''}${task.candidate ? ` · candidate ${task.candidate.slice(0, 9)}` : ''}`
				: '',
			columns,
		),
	];
};

const conflictLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => [
	...field('real', task.conflictWith ? `with ${task.conflictWith.slice(0, 9)} on the base; a merge is in progress` : '', columns, {
		tone: 'warning',
	}),
	...conflicts(drawing.snapshot)
		.filter(({tasks}) => tasks.includes(task.id))
		.flatMap(({tasks, files}) => {
			const other = tasks.find(id => id !== task.id) || drawing.snapshot.repository.base;
			return field('predicted', `with ${other}: ${files.join(', ')}`, columns);
		}),
];

const part = (title: string, lines: readonly Line[], columns: number, note = ''): readonly Line[] =>
	lines.length > 0 ? [heading(title, columns, note), ...lines, []] : [];

/** What others said about the work: reviews, tests, conflicts, the hand-over note, the last failure. */
const judged = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const lines = [
		...part('REVIEWS', reviewLines(task.reviews, columns, teamNow(drawing)), columns, 'newest first'),
		...part('TESTS', testLines(task, drawing, columns), columns),
		...part('CONFLICTS', conflictLines(task, drawing, columns), columns),
		...part('HAND-OVER', paragraph(task.handover, columns, 60), columns),
		...part('LAST FEEDBACK', task.feedback.trim() ? verbatim(task.feedback.trimEnd(), columns, 80) : [], columns),
	];
	return lines.length > 0
		? lines
		: [
				[],
				[span(' Nothing has been reviewed or tested yet.', 'dim')],
				[span(' Reviews, test runs, conflicts and notes appear here.', 'dim')],
			];
};

const pageHeader = (task: Task, drawing: Drawing): Line => {
	const {layout, now} = drawing;
	const isLong = layout.columns >= 100;
	const people = [task.author, task.reviewer].filter(Boolean).map(agentName).join(' ← ');
	const facts = [
		priorityBadge(task.priority),
		`${task.stage}, ${task.asks ? 'asks you' : task.state}`,
		isLong ? people : '',
		isLong ? task.branch : '',
	];
	const right: Line = [
		span(
			` ${facts
				.filter(Boolean)
				.map(text => said(text))
				.join('   ')}`,
		),
		span(`   ${clock(now)} `),
	];
	return spread([span(isLong ? ' agent-room › ' : ' ', 'strong'), span(titleOf(task), 'strong')], right, layout.columns);
};

const scrolled = (
	lines: readonly Line[],
	scroll: number,
	rows: number,
): {readonly lines: readonly Line[]; readonly overflow: number; readonly footer: Line} => {
	const overflow = Math.max(0, lines.length - rows);
	const start = Math.min(overflow, scroll);
	const footer: Line = overflow > 0 ? [span(`${start + 1}-${start + rows} of ${lines.length}`, 'dim')] : [];
	return {lines: lines.slice(start, start + rows), overflow, footer};
};

/** One task in full: at least 120 columns have its facts beside what was said about it, below that all is one column. */
export const taskPage = (drawing: Drawing, page: TaskPage): PageContent => {
	const {state, snapshot, layout} = drawing;
	const read = state.reading?.id === page.task ? state.reading.task : undefined;
	const known = snapshot.team.tasks.get(page.task);
	const task = read ? {...read, ...known} : known ? withoutTexts(known) : undefined;
	const rows = layout.rows - 2 - Math.max(1, layout.attention.length);
	const box = (x: number, columns: number, content: Partial<BoxContent>, isHeavy: boolean): BoxContent => ({
		rect: {x, y: 1, columns, rows},
		title: [],
		lines: [],
		selected: -1,
		tone: 'plain',
		isHeavy: isHeavy && !state.dialog,
		...content,
	});
	if (!task) {
		const isMissing = state.reading?.id === page.task && state.reading.isMissing;
		const words = !snapshot.redis.isConnected
			? 'Redis is away: the task is read when it is back.'
			: isMissing
				? `There is no task ${page.task}. esc goes back.`
				: `Reading ${page.task}…`;
		return {
			header: spread([span(` ${said(page.task)}`, 'strong')], [], layout.columns),
			boxes: [box(0, layout.columns, {lines: [[], [span(` ${cut(words, layout.columns - 4)}`, 'dim')]]}, true)],
			overflow: NO_OVERFLOW,
		};
	}
	const header = pageHeader(task, drawing);
	const isWide = layout.columns >= 120;
	const note: Line = read ? [] : [span('reading…', 'dim')];
	if (!isWide) {
		const columns = layout.columns - 2;
		const all = scrolled([...taskFacts(task, drawing, columns), [], ...judged(task, drawing, columns)], page.scroll[1], rows - 2);
		return {
			header,
			boxes: [box(0, layout.columns, {title: [span('Task', 'strong')], titleRight: note, lines: all.lines, footer: all.footer}, true)],
			overflow: [all.overflow, all.overflow],
		};
	}
	const left = Math.min(84, Math.max(56, Math.floor(layout.columns * 0.44)));
	const facts = scrolled(taskFacts(task, drawing, left - 2), page.scroll[0], rows - 2);
	const judgement = scrolled(judged(task, drawing, layout.columns - left - 2), page.scroll[1], rows - 2);
	return {
		header,
		boxes: [
			box(
				0,
				left,
				{title: [span('Task', page.column === 0 ? 'strong' : 'plain')], lines: facts.lines, footer: facts.footer},
				page.column === 0,
			),
			box(
				left,
				layout.columns - left,
				{
					title: [span('Reviews and tests', page.column === 1 ? 'strong' : 'plain')],
					titleRight: note,
					lines: judgement.lines,
					footer: judgement.footer,
				},
				page.column === 1,
			),
		],
		overflow: [facts.overflow, judgement.overflow],
	};
};
