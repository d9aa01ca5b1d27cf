import {Box} from 'ink';
import {agentName} from '../../../core/agent/agent.ts';
import {isAsking, priorityBadge, type Task, type WholeTask, withoutTexts} from '../../../core/task/task.ts';
import {dollars} from '../../../core/text/format.ts';
import {checkLines, reviewLines, verdictLine} from '../../draw/check.ts';
import {type Drawing, onceFor, teamNow} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {decisionWords} from '../../model/decision-words.ts';
import {matchesIn, wordsOfItem} from '../../model/found.ts';
import {conflicts, MERGE_STYLES, mergeRows} from '../../model/merges.ts';
import {stateWord} from '../../model/status-styles.ts';
import {ageOf, clock} from '../../model/time.ts';
import {boxData, PanelOf} from '../../parts/box.tsx';
import type {PageContent} from '../../state/descriptor.ts';
import {DIFF, TASK_PANELS, type TaskPage, type TaskPanel} from '../../state/pages.ts';
import {checkOf} from '../../state/reading.ts';
import {featureOf} from '../../state/selection.ts';
import {field, heading, paragraph, times, verbatim} from '../../text/blocks.ts';
import type {BoxContent} from '../../text/box.ts';
import {cut, fill, type Line, lineWidth, said, span, spread} from '../../text/text.ts';
import {diffContent, diffCounts} from './diff.ts';
import {taskFacts, testText, titleOf} from './facts.ts';
import {attemptLines, spentLines, timelineLines} from './history.ts';
import {featureLines, lifeLines} from './life.ts';
import {itemsOn} from './task.ts';

const testLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => {
	const row = mergeRows(drawing.snapshot).find(other => other.task.id === task.id);
	const text = testText(task, drawing, teamNow(drawing));
	return [
		...field('last run', text, columns, {tone: task.testExit > 0 ? 'warning' : 'plain'}),
		...field('log', task.testLog ? `${task.testLog} · ${keyOf(drawing.keymap, 'log', drawing.isAscii)} opens it` : '', columns),
		...field('flaky', task.flaky > 0 ? `tests failed, then passed on the same commit, ${times(task.flaky)}` : '', columns),
		...field('removed', task.removals > 0 ? `from merge queue ${times(task.removals)}` : '', columns),
		...field(
			'merges',
			row
				? `${MERGE_STYLES[row.state].word}${row.place > 0 ? `, place ${row.place}` : ''}${task.candidate ? ` · candidate ${task.candidate.slice(0, 9)}` : ''}`
				: '',
			columns,
		),
	];
};

const conflictLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => [
	...field('real', task.conflictWith ? `with ${task.conflictWith.slice(0, 9)} on the base branch; a merge is in progress` : '', columns, {
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

const judged = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => [
	...part('FEATURE', featureLines(task, drawing, columns), columns, featureOf(task)),
	...part('REVIEWS', reviewLines(task.reviews, columns, teamNow(drawing)), columns, 'newest first'),
	...part('TESTS', testLines(task, drawing, columns), columns),
	...part('CONFLICTS', conflictLines(task, drawing, columns), columns),
	...part('HANDOFF NOTES', paragraph(task.handoff, columns, 60), columns),
	...part('LAST FEEDBACK', task.feedback.trim() ? verbatim(task.feedback.trimEnd(), columns, 80) : [], columns),
];

const pageHeader = (task: Task, drawing: Drawing): Line => {
	const {layout, now} = drawing;
	const isLong = layout.columns >= 100;
	const people = [task.author, task.reviewer].filter(Boolean).map(agentName).join(' ← ');
	const facts = [
		priorityBadge(task.priority),
		`${task.stage}, ${isAsking(task) ? decisionWords(task).state : task.decision ? 'pull request' : stateWord(task)}`,
		isLong ? people : '',
		isLong ? task.branch : '',
		task.spent > 0 ? dollars(task.spent) : '',
		isLong ? ageOf(task.createdAt, task.doneAt || teamNow(drawing)) : '',
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

type Panel = {
	readonly title: Line;
	readonly titleRight?: Line;
	readonly lines: readonly Line[];
	/** Fixed rows below the scrolling ones. */
	readonly foot?: readonly Line[];
	readonly selected?: number;
};
type Rect = BoxContent['rect'];

/** An empty page says why. */
const bare = (words: string, rect: Rect): BoxContent => ({
	rect,
	title: [],
	lines: [[], [span(` ${cut(words, rect.columns - 4)}`, 'dim')]],
	selected: -1,
	tone: 'plain',
	isHeavy: true,
});

const NAMES: Readonly<Record<TaskPanel, string>> = {1: 'Timeline', 2: 'Attempts', 3: 'Task', 4: 'Diff', 5: 'Merge check'};

const panelOf = (number: TaskPanel, task: WholeTask, page: TaskPage, drawing: Drawing, {columns, rows}: Rect): Panel => {
	const inner = columns - 2;
	const title = (note = ''): Line => [span(`${number} ${NAMES[number]}${note}`)];
	switch (number) {
		case 1: {
			const spent = spentLines(task, drawing, inner);
			const life = lifeLines(task, drawing, inner, Math.min(7, Math.floor((rows - spent.length - 8) / 2)));
			const foot = [...life, ...spent];
			return {title: title(), lines: timelineLines(task, drawing, inner), foot: foot.length > 0 && rows > 12 ? [[], ...foot] : []};
		}
		case 2:
			return {title: title(task.attempt > 0 ? ` ${task.attempt}` : ''), lines: attemptLines(task, drawing, inner)};
		case 3: {
			const isRead = drawing.state.reading?.id === task.id && drawing.state.reading.task !== undefined;
			return {
				title: title(),
				titleRight: isRead ? [] : [span('reading…', 'dim')],
				lines: [...taskFacts(task, drawing, inner), [], ...judged(task, drawing, inner)],
			};
		}
		case 4:
			return diffContent(task, page, drawing, inner, rows - 2);
		case 5:
			return {title: title(), lines: checkLines(checkOf(task, drawing), inner)};
	}
};

/** Whether words are being typed that are looked for on this page. */
const isFinding = ({state}: Drawing): boolean => state.dialog?.kind === 'find-on-page';

/** Where the search stands: `/words 2/5`. */
const foundLine = (page: TaskPage, rows: readonly string[]): Line => {
	if (page.search === '') return [];
	const found = matchesIn(rows, page.search);
	const at = found.indexOf(page.panel === DIFF ? page.cursor : page.hit) + 1;
	const place = found.length === 0 ? 'not found' : `${at || '-'}/${found.length}`;
	return [span(`/${cut(page.search, 24)} `), span(place, found.length === 0 ? 'warning' : 'strong')];
};

type Drawn = {readonly box: BoxContent; readonly overflow: number};

const drawn = (number: TaskPanel, task: WholeTask, page: TaskPage, drawing: Drawing, rect: Rect, tabs?: Line, verdict?: Line): Drawn => {
	const panel = panelOf(number, task, page, drawing, rect);
	const foot = panel.foot ?? [];
	const isFocused = page.panel === number;
	const rows = rect.rows - 2 - foot.length;
	const all = number === DIFF ? {lines: panel.lines, overflow: 0, footer: []} : scrolled(panel.lines, page.scroll[number], rows);
	const start = Math.min(all.overflow, page.scroll[number]);
	const found = isFocused ? foundLine(page, searchRows(page, drawing, panel.lines)) : [];
	const isLooked = isFocused && (!drawing.state.dialog || isFinding(drawing));
	const hit = number !== DIFF && page.search !== '' && page.hit >= start && page.hit < start + rows ? page.hit - start : -1;
	const title = tabs ?? panel.title.map(part => (isFocused && part.tone === 'plain' ? {...part, tone: 'strong' as const} : part));
	const body = [...all.lines, ...Array.from({length: Math.max(0, rows - all.lines.length)}, (): Line => []), ...foot];
	const box: BoxContent = {
		rect,
		title,
		titleRight: tabs ? [] : (panel.titleRight ?? []),
		footer: found.length > 0 ? [...found, ...(all.footer.length > 0 ? [span(' · ', 'dim'), ...all.footer] : [])] : (verdict ?? all.footer),
		lines: body,
		selected: isLooked ? (panel.selected ?? hit) : -1,
		isHeavy: isLooked,
		tone: 'plain',
	};
	return {box, overflow: all.overflow};
};

/** The panels as tabs, names shortened to fit, the shown one in brackets. */
const tabsOf = (task: WholeTask, page: TaskPage, drawing: Drawing, columns: number): Line => {
	const bad = checkOf(task, drawing).checks.filter(({state}) => state === 'bad').length;
	const notes: Readonly<Record<TaskPanel, string>> = {
		...{1: '', 2: task.attempt > 0 ? ` ${task.attempt}` : '', 3: ''},
		...{4: diffCounts(task.id, drawing) && ` ${diffCounts(task.id, drawing)}`, 5: bad > 0 ? ` ✗${bad}` : ''},
	};
	const line = (name: (number: TaskPanel) => string): Line =>
		TASK_PANELS.flatMap((number, index): Line => {
			const isShown = number === page.panel;
			const text = [number, name(number)].filter(Boolean).join(' ');
			return [span(index > 0 ? ' ' : ''), span(isShown ? `[${text}]` : ` ${text} `, isShown ? 'strong' : 'dim')];
		});
	const candidates = [
		line(number => `${NAMES[number]}${notes[number]}`),
		line(number => NAMES[number]),
		line(number => (number === page.panel ? NAMES[number] : '')),
	];
	return (
		candidates.find(candidate => lineWidth(candidate) <= columns) ??
		fill(
			line(() => ''),
			columns,
		)
	);
};

const wideRects = (columns: number, rows: number, tries: number): Readonly<Record<TaskPanel, Rect>> => {
	const left = Math.min(56, Math.max(46, Math.floor(columns * 0.32)));
	const attempts = Math.min(Math.max(5, Math.floor(rows * 0.2)), Math.max(5, tries + 2));
	const facts = Math.max(10, Math.floor(rows * 0.38));
	const check = 12;
	const right = columns - left;
	return {
		1: {x: 0, y: 1, columns: left, rows: rows - attempts - facts},
		2: {x: 0, y: 1 + rows - attempts - facts, columns: left, rows: attempts},
		3: {x: 0, y: 1 + rows - facts, columns: left, rows: facts},
		4: {x: left, y: 1, columns: right, rows: rows - check},
		5: {x: left, y: 1 + rows - check, columns: right, rows: check},
	};
};

const wordsOf = (line: Line): string => line.map(({text}) => text).join('');

/** What is searched: all rows of the panel, of the diff its items. */
const searchRows = (page: TaskPage, {state, snapshot}: Drawing, lines: readonly Line[]): readonly string[] =>
	page.panel === DIFF ? itemsOn(state, snapshot, page.task).map(wordsOfItem) : lines.map(wordsOf);

const taskOn = ({state, snapshot}: Drawing, id: string): WholeTask | undefined => {
	const read = state.reading?.id === id ? state.reading.task : undefined;
	const known = snapshot.team.tasks.get(id);
	return read ? {...read, ...known} : known ? withoutTexts(known) : undefined;
};

/** The place of the shown panel. */
const shownRect = (page: TaskPage, task: WholeTask, drawing: Drawing): Rect => {
	const {layout} = drawing;
	const rows = layout.rows - 2 - Math.max(1, layout.attention.length);
	const whole: Rect = {x: 0, y: 1, columns: layout.columns, rows};
	const isWide = layout.columns >= 120 && rows >= 30 && !page.isFull;
	return isWide ? wideRects(layout.columns, rows, attemptLines(task, drawing, 50).length)[page.panel] : whole;
};

/** All that a search in the shown panel goes through, row for row. */
export const rowsToSearch = (page: TaskPage, drawing: Drawing): readonly string[] => {
	const task = taskOn(drawing, page.task);
	if (!task) return [];
	const lines = page.panel === DIFF ? [] : panelOf(page.panel, task, page, drawing, shownRect(page, task, drawing)).lines;
	return searchRows(page, drawing, lines);
};

/** All five panels if `all` is set, else the shown one. */
type Boxes = {readonly header: Line; readonly overflow: number; readonly all: boolean; readonly boxes: readonly BoxContent[]};

const panels = onceFor((drawing, page: TaskPage): Boxes => {
	const {state, snapshot, layout} = drawing;
	const task = taskOn(drawing, page.task);
	const rows = layout.rows - 2 - Math.max(1, layout.attention.length);
	const whole: Rect = {x: 0, y: 1, columns: layout.columns, rows};
	if (!task) {
		const isMissing = state.reading?.id === page.task && state.reading.isMissing;
		const words = !snapshot.redis.isConnected
			? 'Redis disconnected: the task loads when it reconnects.'
			: isMissing
				? `No task \`${page.task}\`. ${keyOf(drawing.keymap, 'back', drawing.isAscii)} goes back.`
				: `Reading ${page.task}…`;
		const header = spread([span(` ${said(page.task)}`, 'strong')], [], layout.columns);
		return {header, overflow: 0, all: false, boxes: [bare(words, whole)]};
	}
	const header = pageHeader(task, drawing);
	const isWide = layout.columns >= 120 && rows >= 30;
	if (isWide && !page.isFull) {
		const rects = wideRects(layout.columns, rows, attemptLines(task, drawing, 50).length);
		const five = TASK_PANELS.map(number => ({number, ...drawn(number, task, page, drawing, rects[number])}));
		const focused = five.find(({number}) => number === page.panel);
		return {header, overflow: focused?.overflow ?? 0, all: true, boxes: five.map(({box}) => box)};
	}
	if (isWide) {
		const {box} = drawn(DIFF, task, page, drawing, whole);
		return {header, overflow: 0, all: false, boxes: [box]};
	}
	const tabs = tabsOf(task, page, drawing, layout.columns - 5);
	const verdict = fill(verdictLine(checkOf(task, drawing)), Math.min(lineWidth(verdictLine(checkOf(task, drawing))), layout.columns - 6));
	const {box, overflow} = drawn(page.panel, task, page, drawing, whole, tabs, page.panel === 5 ? undefined : verdict);
	return {header, overflow, all: false, boxes: [box]};
});

/** A task in full: five panels at once from 120x33 on, else one at a time with tabs and the verdict below. */
export const TaskPanels = () => {
	const page = usePage('task', shown);
	const [timeline, attempts, facts, diff, check] = page?.boxes ?? [];
	if (!page?.all) return <PanelOf box={timeline} />;
	return (
		<Box>
			<Box flexDirection="column">
				<PanelOf box={timeline} />
				<PanelOf box={attempts} />
				<PanelOf box={facts} />
			</Box>
			<Box flexDirection="column">
				<PanelOf box={diff} />
				<PanelOf box={check} />
			</Box>
		</Box>
	);
};
const shown = (drawing: Drawing, page: TaskPage) => {
	const {all, boxes} = panels(drawing, page);
	return {all, boxes: boxes.map(boxData)};
};

export const taskPage = (drawing: Drawing, page: TaskPage): PageContent => {
	const {header, overflow} = panels(drawing, page);
	return {header, overflow: [overflow, 0]};
};
