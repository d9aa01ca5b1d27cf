import {Box, Text} from 'ink';
import {memo} from 'react';
import {agentName} from '../../../core/agent/agent.ts';
import {fullTestsText} from '../../../core/queue/full-tests.ts';
import {testedTogether} from '../../../core/queue/merge-queue.ts';
import {strayText} from '../../../core/queue/stray.ts';
import type {Task} from '../../../core/task/task.ts';
import type {FullTests} from '../../../core/team/full-tests.ts';
import {checkLines} from '../../draw/check.ts';
import {type Drawing, once} from '../../draw/context.ts';
import {usePage} from '../../hooks/page.ts';
import {keyOf} from '../../keymap/keymap.ts';
import {redText} from '../../model/attention.ts';
import {isHeld, type MergeOrder, type MergeRow, mergeOrders, mergeRows} from '../../model/merges.ts';
import {clock} from '../../model/time.ts';
import {inPlace} from '../../parts/in-place.ts';
import {Panel} from '../../parts/panel.tsx';
import {Row, Rows} from '../../parts/row.tsx';
import {T} from '../../parts/tone.tsx';
import {NO_OVERFLOW, type PageContent} from '../../state/descriptor.ts';
import type {Page} from '../../state/pages.ts';
import {checkOf} from '../../state/reading.ts';
import {lookOf} from '../../state/state.ts';
import {field, paragraph, times} from '../../text/blocks.ts';
import {windowStart} from '../../text/box.ts';
import {inside, type Rect} from '../../text/layout.ts';
import {cut, dropRight, fill, type Line, lineWidth, said, span, spread, type Tone, widthOf, wrap} from '../../text/text.ts';
import {pullLines, whereOf} from '../task/facts.ts';
import {baseOf, short, tableOf} from './table.ts';

type MergesPage = Extract<Page, {kind: 'merges'}>;

const TURNS: Readonly<Record<MergeOrder['kind'], {readonly glyph: string; readonly tone: Tone; readonly word: string}>> = {
	merged: {glyph: '✓', tone: 'good', word: 'merged'},
	removed: {glyph: '✗', tone: 'warning', word: 'removed'},
	flaky: {glyph: '◌', tone: 'stalled', word: 'flaky'},
	base: {glyph: '!', tone: 'warning', word: ''},
	tested: {glyph: '·', tone: 'plain', word: ''},
	off: {glyph: '✗', tone: 'warning', word: 'is off'},
};

const turnsOf = ({snapshot}: Drawing, columns: number): readonly Turn[] =>
	mergeOrders(snapshot).map(({at, task, kind, text}) => {
		const {glyph, tone, word} = TURNS[kind];
		const batch = snapshot.team.tasks.get(task)?.batch ?? 0;
		const merged = `${task} merged${text ? ` as ${short(text)}` : ''}${batch > 1 ? ` (tested together: ${batch})` : ''}`;
		const title = snapshot.team.tasks.get(task)?.title ?? '';
		const told = kind === 'merged' ? merged : kind === 'base' || kind === 'tested' ? text : `${task} ${word}${text ? `: ${text}` : ''}`;
		const left = Math.max(8, columns - 11);
		// A title only where the words leave room for it.
		const named = title === '' || left - widthOf(told) - 3 < LEAST_TITLE ? told : `${told} · ${cut(title, left - widthOf(told) - 3)}`;
		return {at: clock(at - snapshot.clockOffset), glyph, tone, rows: wrap(named, left, 2)};
	});
/** A shorter piece of a title says nothing. */
const LEAST_TITLE = 12;
type Turn = {readonly at: string; readonly glyph: string; readonly tone: Tone; readonly rows: readonly string[]};

/** No more than is true of this commit: with `affected` only some of its tests ran. */
const passingWord = ({mergedCommit, testedWith}: Task, {passed}: FullTests) =>
	testedWith === '' || passed === mergedCommit ? span('✓ passing', 'good') : span('✓ affected tests passed', 'good');

/** What is known of the base's commit, and no more. */
const healthOf = ({team: {control, tasks}, merging, repository: {baseCommit}}: Drawing['snapshot']) => {
	if (control.stray) return span('✗ moved by an agent', 'danger');
	if (control.failingBase) return span('✗ failing', 'danger');
	if (control.fullTests.failed) return span('✗ fails full tests', 'danger');
	if (baseCommit !== '' && control.fullTests.passed === baseCommit) return span('✓ passing', 'good');
	// What a forge merged was tested before, but not this very commit.
	if (merging === 'pr') return span('the checks of its forge decide', 'dim');
	const merged = [...tasks.values()].find(task => task.mergedCommit !== '' && task.mergedCommit === baseCommit);
	return merged ? passingWord(merged, control.fullTests) : span('not tested yet', 'dim');
};

/** `main@51fe0a2 passing`. */
const baseWords = ({snapshot}: Drawing): Line => {
	const {repository} = snapshot;
	return [span(`${said(repository.base)}@${short(repository.baseCommit)} `, 'strong'), healthOf(snapshot)];
};

const pageHeader = (rows: readonly MergeRow[], drawing: Drawing): Line => {
	const {layout, now, snapshot} = drawing;
	const isLong = layout.columns >= 100;
	const lock = [...snapshot.team.locks.values()].find(({name}) => name === `repository:${snapshot.repository.base}`);
	const count = (...states: ReadonlyArray<MergeRow['state']>): number => rows.filter(({state}) => states.includes(state)).length;
	const holdKey = keyOf(drawing.keymap, 'merges.pause-merges', drawing.isAscii);
	const held: readonly Line[] = isHeld(snapshot) ? [[span(`‖ ${isLong ? 'merges ' : ''}paused: ${holdKey} resumes`, 'frozen')]] : [];
	const parts: readonly Line[] = [
		// If there is no room for both, what must not be dropped comes first.
		...(layout.columns < 60 ? [...held, baseWords(drawing)] : [baseWords(drawing), ...held]),
		...(
			[
				[count('testing', 'building'), 'testing'],
				[count('passed', 'merging'), 'passed'],
				[count('failed'), 'failed'],
				[count('needs-decision'), 'needs approval'],
				[count('blocked'), 'skipped'],
				[count('waits', 'outdated'), 'waiting'],
			] as const
		)
			.filter(([number]) => number > 0)
			.map(([number, word]): Line => [span(`${number} ${word}`)]),
		...(snapshot.fullRun === undefined ? [] : [[span(snapshot.fullRun, 'dim')] as Line]),
		...(lock ? [[span(cut(`locked by ${agentName(lock.owner.split(' ')[0] ?? '')}`, 40), 'dim')] as Line] : []),
	];
	const name: Line = [span(isLong ? ' agent-room › merges  ' : ' merges  ', 'strong')];
	const right: Line = [span(`  ${clock(now)} `)];
	return spread([...name, ...dropRight(parts, layout.columns - lineWidth(name) - lineWidth(right), '  ')], right, layout.columns);
};

const fullAlarm = (full: FullTests, base: string, key: string): string => {
	if (full.failed === '') return '';
	const next = full.found === '' ? '' : full.task === '' ? ' Revert it with git, or fix it.' : ` ${key} reverts it.`;
	return `${base} ${fullTestsText(full)}.${next}`;
};

const alarmOf = ({snapshot, keymap, isAscii}: Drawing): string => {
	const {control} = snapshot.team;
	const {base} = snapshot.repository;
	const key = (action: string): string => keyOf(keymap, action, isAscii);
	if (control.stray) return `${base} ${strayText(control)}. ${key('undo-base')} reverts it, ${key('keep-base')} keeps it.`;
	if (!control.failingBase) return fullAlarm(control.fullTests, base, key('merges.revert'));
	return `${base} ${redText(snapshot)}. No task is blamed: agent-room tries one at a time until one passes. Fix ${base}, or add a task that does.`;
};

const EMPTY = {
	local: 'Nothing to merge. Reviewed tasks appear here; agent-room tests the merge with the base branch and merges what passes.',
	push: 'Nothing to merge. Reviewed tasks appear here; agent-room tests the merge with the base branch and pushes what passes.',
	pr: 'No pull requests. Reviewed tasks appear here; agent-room tests the merge with the base branch and opens a pull request for each that passes. The checks of the forge decide what merges.',
	untested: 'Cannot merge without a test command. Set `test:` in agent-room.yaml.',
};

const emptyLines = once((drawing): readonly Line[] => {
	const {layout, snapshot} = drawing;
	const text = snapshot.hasTestCommand ? EMPTY[snapshot.merging ?? 'local'] : EMPTY.untested;
	return paragraph(text, layout.columns - 2, 4, 'dim');
});

type Places = {readonly chosen?: Rect; readonly output?: Rect; readonly lately?: Rect};
/** Divides the space below the table: chosen entry, its test output, recent events; without an entry the last have all of it. */
const placesOf = (columns: number, y: number, rest: number, isEmpty: boolean): Places => {
	const whole = {x: 0, y, columns, rows: rest};
	if (isEmpty) return {lately: whole};
	if (columns < 100) {
		const rows = rest >= 11 ? rest - Math.max(3, Math.floor(rest / 4)) : rest;
		return {chosen: {...whole, rows}, ...(rest > rows ? {lately: {...whole, y: y + rows, rows: rest - rows}} : {})};
	}
	const left = Math.floor(columns / 2);
	const right = {x: left, columns: columns - left};
	if (rest < 22) {
		const rows = Math.ceil(rest / 2);
		if (rest < 8) return {chosen: {...whole, columns: left}, lately: {...whole, ...right}};
		return {
			chosen: {...whole, columns: left},
			output: {...whole, ...right, rows},
			lately: {...whole, ...right, y: y + rows, rows: rest - rows},
		};
	}
	const rows = rest - Math.min(12, Math.floor(rest / 3));
	return {
		chosen: {...whole, columns: left, rows},
		output: {...whole, ...right, rows},
		lately: {...whole, y: y + rows, rows: rest - rows},
	};
};

/** The agent that tests the chosen entry and has a pane; '' for none. */
const runnerOf = (chosen: MergeRow | undefined, {snapshot}: Drawing): string => {
	const {task} = chosen ?? {};
	const runner = task?.state === 'leased' && task.stage === 'test' ? task.owner : '';
	return snapshot.panes.has(runner) ? runner : '';
};

const testsOf = (chosen: MergeRow, drawing: Drawing) => {
	const {task} = chosen;
	const log = lookOf(drawing.state, 'log', task.id);
	return {
		id: said(task.id),
		runner: agentName(runnerOf(chosen, drawing)),
		log: log?.log ?? '',
		lines: log?.lines.slice(-60) ?? [],
		empty: task.testLog ? 'Reading log…' : 'Tests have not run yet.',
		key: keyOf(drawing.keymap, 'log', drawing.isAscii),
	};
};
type Tests = ReturnType<typeof testsOf>;

const chosenOf = ({task, state}: MergeRow, drawing: Drawing, columns: number) => ({
	title: `${task.id} ${task.title}`,
	lines: [
		...checkLines(checkOf(task, drawing), columns),
		[],
		...field('why', state === 'building' ? 'building its merge candidate' : whereOf(task, drawing), columns, {most: 3, tone: 'strong'}),
		...pullLines(task, columns),
		...field('candidate', task.candidate ? `${short(task.candidate)} on ${baseOf(task, drawing)}` : '', columns),
		...field('batch', testedTogether(task), columns),
		...field('flaky', task.flaky > 0 ? `${times(task.flaky)} failed, then passed on the same commit` : '', columns),
		...field('removed', task.removals > 0 ? `${times(task.removals)}; last: ${task.reason || 'see its log'}` : '', columns, {most: 3}),
	] as readonly Line[],
	openKey: keyOf(drawing.keymap, 'open', drawing.isAscii),
});
type Chosen = ReturnType<typeof chosenOf>;

const shownIn = (drawing: Drawing, page: MergesPage) => {
	const rows = mergeRows(drawing.snapshot);
	return {rows, chosen: rows.find(({task}) => task.id === page.selected) ?? rows[0]};
};

const heightsOf = (drawing: Drawing, count: number, alarm: number): {readonly body: number; readonly height: number} => {
	const {layout} = drawing;
	const body = layout.rows - 2 - Math.max(1, layout.attention.length);
	if (count === 0 && layout.rows >= 20) return {body, height: alarm + emptyLines(drawing).length + 4};
	const most = Math.max(3, Math.min(body - 3, Math.max(Math.floor(body * 0.45), body - 16)));
	const least = layout.rows >= 36 ? Math.floor(body * 0.25) : 6;
	// A small screen describes the chosen entry in what the list leaves.
	const small = count === 0 ? body : Math.min(body, Math.max(4, Math.min(count + alarm + 3, body - 4)));
	return {body, height: layout.rows < 20 ? small : Math.min(most, Math.max(least, count + alarm + 3))};
};

const alarmLines = once((drawing): readonly Line[] => paragraph(alarmOf(drawing), drawing.layout.columns - 2, 3, 'danger'));

/** Places of the panels below the table; undefined if there is no room. */
const below = (drawing: Drawing, page: MergesPage): Places => {
	const count = shownIn(drawing, page).rows.length;
	const {body, height} = heightsOf(drawing, count, alarmLines(drawing).length);
	return body - height < 3 ? {} : placesOf(drawing.layout.columns, 1 + height, body - height, count === 0);
};

const mergeQueue = (drawing: Drawing, page: MergesPage) => {
	const {layout, state} = drawing;
	const {rows, chosen} = shownIn(drawing, page);
	const columns = layout.columns - 2;
	const alarm = alarmLines(drawing);
	const {height} = heightsOf(drawing, rows.length, alarm.length);
	const places = below(drawing, page);
	const {lately} = places;
	const {head, lineOf} = tableOf(rows, chosen?.task.id ?? '', drawing, columns);
	const room = Math.max(1, height - 2 - alarm.length - 1);
	const at = chosen ? rows.indexOf(chosen) : -1;
	const from = windowStart(rows.length, room, Math.max(0, at));
	const inMergeQueue = rows.filter(({place}) => place > 0).length;
	return {
		table: {
			columns: layout.columns,
			rows: height,
			inMergeQueue,
			behind: rows.length - inMergeQueue,
			sight: rows.length > room ? `${from + 1}-${Math.min(rows.length, from + room)} of ${rows.length}` : '',
			alarm,
			empty: rows.length > 0 ? [] : emptyLines(drawing),
			head: fill(head, columns),
			entries: rows.slice(from, from + room).map(row => fill(lineOf(row), columns)),
			selected: at - from,
			isHeavy: !state.dialog,
		},
		places,
		chosen: chosen && places.chosen ? chosenOf(chosen, drawing, places.chosen.columns - 2) : undefined,
		tests: chosen && places.output ? testsOf(chosen, drawing) : undefined,
		turns: lately ? turnsOf(drawing, lately.columns - 2) : [],
	};
};
type MergeQueue = ReturnType<typeof mergeQueue>;

const Table = memo(({columns, rows, inMergeQueue, behind, sight, alarm, empty, head, entries, selected, isHeavy}: MergeQueue['table']) => (
	<Panel
		columns={columns}
		rows={rows}
		title={[span(`Merge queue ${inMergeQueue}`, 'strong'), ...(behind > 0 ? [span(` + ${behind} waiting`)] : [])]}
		titleRight={sight ? [span(sight, 'dim')] : []}
		isHeavy={isHeavy}
	>
		<Rows lines={alarm} />
		{empty.length > 0 ? (
			<>
				<T> </T>
				<Rows lines={empty} />
			</>
		) : (
			<>
				<Row line={head} />
				<Rows lines={entries} selected={selected} />
			</>
		)}
	</Panel>
));

const ChosenEntry = memo(({chosen, rect: {columns, rows}}: {readonly chosen: Chosen; readonly rect: Rect}) => {
	const left = chosen.lines.length - (rows - 2);
	return (
		<Panel
			columns={columns}
			rows={rows}
			title={[span(cut(chosen.title, columns - 6))]}
			footer={left > 0 ? [span(`${left} more · ${chosen.openKey} opens it`, 'dim')] : []}
		>
			<Rows lines={chosen.lines.slice(0, rows - 2)} />
		</Panel>
	);
});

/** The chosen entry's tests: their live pane, or the end of their log. */
const TestsOfIt = memo(({tests, rect: {columns, rows}}: {readonly tests: Tests; readonly rect: Rect}) =>
	tests.runner ? (
		<Panel columns={columns} rows={rows} title={[span(`Tests of ${tests.id} by ${tests.runner}`)]} titleRight={[span('live', 'dim')]} />
	) : (
		<Panel
			columns={columns}
			rows={rows}
			title={[span('Tests')]}
			titleRight={tests.log ? [span(`${cut(tests.log, 40)} · ${tests.key} opens it`, 'dim')] : []}
		>
			{inPlace(tests.lines.slice(2 - rows), line => (
				<T>{` ${cut(line, columns - 4)}`}</T>
			))}
			{tests.lines.length === 0 && <T tone="dim">{` ${tests.empty}`}</T>}
		</Panel>
	),
);

const Turn = ({at, glyph, tone, rows}: Turn) =>
	inPlace(rows, (row, index) => (
		<Text wrap="truncate">
			<T tone="dim">{index === 0 ? ` ${at} ` : ' '.repeat(7)}</T>
			<T tone={tone}>{index === 0 ? glyph : ' '}</T>
			<T>{` ${row}`}</T>
		</Text>
	));

const Lately = memo(({turns, rect: {columns, rows}}: {readonly turns: readonly Turn[]; readonly rect: Rect}) => (
	<Panel columns={columns} rows={rows} title={[span('Recently merged')]}>
		{turns.length === 0 && <T tone="dim"> No recent merges.</T>}
		{inPlace(turns.slice(0, rows - 2), turn => (
			<Turn {...turn} />
		))}
	</Panel>
));

/** The merge queue, head first, with what waits behind; below, the chosen entry, its test output, recent events. */
export const MergesPanels = () => {
	const page = usePage('merges', mergeQueue);
	if (!page) return null;
	const {table, places, chosen, tests, turns} = page;
	const {output, lately} = places;
	// Recent events get the whole width if there is room, else they go under the tests.
	const isWide = lately !== undefined && lately.columns === table.columns;
	const latest = lately && lately.rows >= 3 && <Lately turns={turns} rect={lately} />;
	return (
		<Box flexDirection="column">
			<Table {...table} />
			<Box>
				{chosen && places.chosen && <ChosenEntry chosen={chosen} rect={places.chosen} />}
				<Box flexDirection="column">
					{output && tests && <TestsOfIt tests={tests} rect={output} />}
					{!isWide && latest}
				</Box>
			</Box>
			{isWide && latest}
		</Box>
	);
};

export const mergesPage = (drawing: Drawing, page: MergesPage): PageContent => {
	const {rows, chosen} = shownIn(drawing, page);
	const output = below(drawing, page).output;
	const runner = runnerOf(chosen, drawing);
	return {
		header: pageHeader(rows, drawing),
		overflow: NO_OVERFLOW,
		pane: output && runner ? {agent: runner, rect: inside(output)} : undefined,
	};
};
