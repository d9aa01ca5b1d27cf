import {agentName} from '../../core/agent/agent.ts';
import {causeHere} from '../../core/task/failure.ts';
import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {matchesIn} from '../model/found.ts';
import {Dialog, Gap, Rule, Say, useDialog} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {selectionOf} from '../state/selection.ts';
import {type LogDialog, lookOf, type ViewState} from '../state/state.ts';
import {verbatim} from '../text/blocks.ts';
import {type Editor, edit, emptyEditor, insert} from '../text/editor.ts';
import {cut, type Line, labelled, said, span, wrap} from '../text/text.ts';

/** A search in a log that stays below it. */
type FindDialog = {readonly kind: 'find'; readonly text: Editor; readonly log: LogDialog};
declare module '../keymap/row.ts' {
	interface OwnDialogs {
		find: Omit<FindDialog, 'kind'>;
	}
}

const HALF = 10;

export const openLog = (state: ViewState, context: Context): Updated => {
	const {agent, taskId} = selectionOf(state, context);
	if (!agent && taskId === '') return refuse(state, 'Select an agent or task with a log.', context);
	const dialog = {kind: 'log', task: taskId, agent: agent?.id ?? '', name: '', up: 0, isWrapped: true, search: '', at: -1} as const;
	return unchanged({...state, dialog});
};

/** By what a log is looked up: `t-1`, or `t-1 review-7`. */
const idOf = ({task, name}: LogDialog): string => (task && name ? `${task} ${name}` : task);
const readOf = (state: ViewState, dialog: LogDialog) => lookOf(state, 'log', idOf(dialog));

/** The next log of the task, of whatever stage; they go round, oldest first. */
const other = (state: ViewState, dialog: LogDialog, by: 1 | -1, context: Context): Updated => {
	const read = readOf(state, dialog);
	const names = read?.names ?? [];
	if (names.length < 2) return refuse(state, dialog.task ? `${dialog.task} has no other log.` : 'This log is of no task.', context);
	const at = names.indexOf(dialog.name || (read?.name ?? ''));
	const name = names[(at + by + names.length) % names.length] ?? '';
	return unchanged({...state, dialog: {...dialog, name, up: 0, at: -1}});
};

/** Keys of the log. It is read from the end: `up` counts from there, and new lines only appear while following. */
const updateLog = (state: ViewState, dialog: LogDialog, action: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'pager') {
		const log = readOf(state, dialog)?.log || context.snapshot.team.tasks.get(dialog.task)?.testLog;
		return log ? and(state, {type: 'page', log}) : refuse(state, 'No log yet.', context);
	}
	if (action === 'next-log' || action === 'previous-log') return other(state, dialog, action === 'next-log' ? 1 : -1, context);
	if (action === 'wrap') return unchanged({...state, dialog: {...dialog, isWrapped: !dialog.isWrapped, up: 0, at: -1}});
	if (action === 'find') {
		if (!readOf(state, dialog)) return refuse(state, 'No log yet.', context);
		return unchanged({...state, dialog: {kind: 'find', text: emptyEditor, log: dialog}});
	}
	if (action === 'next-match' || action === 'previous-match') {
		if (dialog.search === '') return refuse(state, 'Search first.', context);
		return unchanged({...state, dialog: matched({...context, state}, dialog, action === 'next-match' ? -1 : 1)});
	}
	const most = context.overflow(state).dialog;
	const at = Math.min(most, dialog.up);
	const to = {up: at + 1, down: at - 1, 'half-up': at + HALF, 'half-down': at - HALF, first: most, follow: 0}[action] ?? at;
	return unchanged({...state, dialog: {...dialog, up: Math.max(0, Math.min(most, to))}});
};

const WRAPPED = 40;

export const causeLines = (drawing: Drawing, task: string, agent: string, printed: string, inner: number): readonly Line[] => {
	const {tasks, agents} = drawing.snapshot.team;
	const cause = causeHere(tasks.get(task), agents.get(agent), printed);
	if (!cause) return [];
	const [first = '', ...rest] = wrap(cause.text, inner - 14, 3);
	return [
		[
			span('  CAUSE    ', 'strong'),
			span(cause.kind, 'danger'),
			span(cause.isSure ? '   (sure)' : cause.kind === 'unknown' ? '' : '   (guessed from its output)', 'dim'),
		],
		labelled('', first, 8, inner),
		...rest.map(row => labelled('', row, 8, inner)),
	];
};

const widthFor = ({columns}: Drawing['layout']): number => Math.max(20, Math.min(140, columns - (columns >= 100 ? 8 : 2)));

const rowsOf = (lines: readonly string[], isWrapped: boolean, inner: number): readonly Line[] =>
	lines.flatMap((line): readonly Line[] => (isWrapped ? verbatim(line, inner - 1, WRAPPED) : [[span(` ${cut(line, inner - 2)}`)]]));

const wordsOf = (row: Line): string => row.map(({text}) => text).join('');

/** The log at the next match upwards (-1) or downwards (1), around its ends; at the last one where none is shown yet. */
const matched = ({layout, state}: Pick<Drawing, 'layout' | 'state'>, dialog: LogDialog, step: 1 | -1): LogDialog => {
	const rows = rowsOf(readOf(state, dialog)?.lines ?? [], dialog.isWrapped, widthFor(layout) - 2);
	const found = matchesIn(rows.map(wordsOf), dialog.search);
	const next =
		step < 0 ? (found.findLast(at => dialog.at < 0 || at < dialog.at) ?? found.at(-1)) : (found.find(at => at > dialog.at) ?? found[0]);
	if (next === undefined) return {...dialog, at: -1};
	return {...dialog, at: next, up: Math.max(0, rows.length - next - Math.ceil(layout.rows / 3))};
};

const log = (drawing: Drawing, dialog: LogDialog) => {
	const {layout, state, snapshot} = drawing;
	const width = widthFor(layout);
	const inner = width - 2;
	const found = readOf(state, dialog);
	const task = snapshot.team.tasks.get(dialog.task);
	const room = Math.max(6, layout.rows - 5);
	// A running agent's screen is ahead of its log, which is written later.
	const lines = found?.lines ?? (dialog.name === '' ? drawing.tail(dialog.agent, room * 4) : []);
	const names = found?.names ?? [];
	const place = names.indexOf(found?.name ?? '') + 1;
	// What failed is told of the newest.
	const isLast = dialog.name === '' || dialog.name === names.at(-1);
	const cause = isLast ? causeLines(drawing, dialog.task, dialog.agent, lines.slice(-20).join('\n'), inner) : [];
	const rows = rowsOf(lines, dialog.isWrapped, inner);
	const matches = matchesIn(rows.map(wordsOf), dialog.search);
	const height = Math.max(3, room - cause.length - 2);
	const overflow = Math.max(0, rows.length - height);
	const end = rows.length - Math.min(overflow, dialog.up);
	const which = names.length > 1 ? `${found?.name} (${place} of ${names.length})` : dialog.name;
	const name = [dialog.agent && isLast ? agentName(dialog.agent) : '', dialog.task, which].filter(Boolean).join(' · ');
	const file = found ? cut(found.log, 40) : '';
	const isRead = dialog.task !== '' && !found && state.looks.log[idOf(dialog)]?.isAsked;
	const start = Math.max(0, end - height);
	const words = cut(dialog.search, 24);
	const hit = matches.length === 0 ? 'not found' : `${matches.indexOf(dialog.at) + 1}/${matches.length}`;
	const where = `${Math.max(0, end - height) + 1}-${end} of ${rows.length}${dialog.up === 0 ? ' · following' : ''}`;
	return {
		width,
		title: [
			span(`Log of ${said(name)}`, 'strong'),
			...(task ? [span(` ${cut(task.title, Math.max(0, inner - name.length - file.length - 18))}`)] : []),
		],
		file: file ? [span(file, 'dim')] : [],
		cause,
		shown: rows.slice(start, end),
		selected: dialog.at - start,
		empty: isRead ? 'reading log…' : 'No output yet.',
		footer: [
			...(words === '' ? [] : [span(`/${words} `), span(hit, matches.length === 0 ? 'warning' : 'strong'), span(' · ')]),
			span(overflow > 0 ? where : `${rows.length} line${rows.length === 1 ? '' : 's'}`, 'dim'),
		],
		overflow,
	};
};

const Empty = ({children}: {readonly children: string}) => (
	<>
		<Gap />
		<Say tone="dim">{children}</Say>
		<Gap />
	</>
);

const Printed = ({printed}: {readonly printed: ReturnType<typeof log> | undefined}) => {
	return (
		printed && (
			<Dialog title={printed.title} titleRight={printed.file} footer={printed.footer} width={printed.width}>
				<Rows lines={printed.cause} />
				{printed.cause.length > 0 && <Rule />}
				{printed.shown.length > 0 ? <Rows lines={printed.shown} selected={printed.selected} /> : <Empty>{printed.empty}</Empty>}
			</Dialog>
		)
	);
};

const LogOf = () => <Printed printed={useDialog('log', log)} />;

const found = (drawing: Drawing, {log: beneath}: FindDialog) => log(drawing, beneath);
const FindIn = () => <Printed printed={useDialog('find', found)} />;

/** Typing the words: the log below shows the last line that has them. */
export const FIND: DialogKind<FindDialog> = {
	mode: 'SEARCH',
	title: 'search in a log',
	keys: [
		{scope: 'find', keys: ['enter'], action: 'keep', label: 'then n and N', help: 'keep match', group: '', order: 1},
		{scope: 'find', keys: ['up'], action: 'next', label: 'up', help: 'previous match', group: '', order: 2},
		{scope: 'find', keys: ['down'], action: 'previous', label: 'down', help: 'next match', group: '', order: 3},
		{scope: 'find', keys: ['esc'], action: 'close', label: 'cancel', help: 'cancel search', group: '', order: 4},
	],
	update: (state, dialog, {action, key, text}, context) => {
		if (action === 'keep') return unchanged({...state, dialog: dialog.log});
		if (action === 'close') return unchanged({...state, dialog: {...dialog.log, search: '', at: -1}});
		if (action !== '')
			return unchanged({...state, dialog: {...dialog, log: matched({...context, state}, dialog.log, action === 'next' ? -1 : 1)}});
		const editor = edit(dialog.text, key, text);
		return unchanged(editor ? withWords(state, dialog, editor, context) : state);
	},
	paste: (state, dialog, text, context) => withWords(state, dialog, insert(dialog.text, text), context),
	prompt: '/',
	typed: () => 'a text',
	Part: FindIn,
	overflow: (drawing, dialog) => found(drawing, dialog).overflow,
	lookups: ({log: beneath}) => [{what: 'log', task: idOf(beneath)}],
};

const withWords = (state: ViewState, dialog: FindDialog, text: Editor, {layout}: Context): ViewState => {
	const searched = {...dialog.log, search: text.text, at: -1};
	return {...state, dialog: {...dialog, text, log: text.text === '' ? searched : matched({layout, state}, searched, -1)}};
};

export const LOG: DialogKind<LogDialog> = {
	mode: 'LOG',
	keys: [
		{scope: 'log', keys: ['l', 'enter'], action: 'pager', label: 'open in pager', help: 'open in pager', group: '', order: 1},
		{scope: 'log', keys: ['down', 'j'], action: 'down', label: '', help: 'down', group: ''},
		{scope: 'log', keys: ['up', 'k'], action: 'up', label: 'scroll', help: 'up', group: '', order: 2},
		{scope: 'log', keys: ['ctrl+d', 'pgdn'], action: 'half-down', label: '', help: 'half page down', group: ''},
		{scope: 'log', keys: ['ctrl+u', 'pgup'], action: 'half-up', label: '', help: 'half page up', group: ''},
		{scope: 'log', keys: ['g', 'home'], action: 'first', label: '', help: 'first line', group: ''},
		{scope: 'log', keys: ['f', 'G', 'end'], action: 'follow', label: 'follow', help: 'follow output', group: '', order: 3},
		{scope: 'log', keys: ['W'], action: 'wrap', label: 'wrap', help: 'wrap lines', group: '', order: 4},
		{scope: 'log', keys: ['/'], action: 'find', label: 'search', help: 'search in log', group: '', order: 5},
		{scope: 'log', keys: ['n'], action: 'next-match', label: '', help: 'previous match', group: ''},
		{scope: 'log', keys: ['N'], action: 'previous-match', label: '', help: 'next match', group: ''},
		{scope: 'log', keys: ['tab'], action: 'next-log', label: 'logs', help: 'next log of its task', group: '', order: 6},
		{scope: 'log', keys: ['shift+tab'], action: 'previous-log', label: '', help: 'previous log of its task', group: ''},
		{scope: 'log', keys: ['esc', 'q'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
	],
	update: (state, dialog, {action}, context) => updateLog(state, dialog, action, context),
	Part: LogOf,
	overflow: (drawing, dialog) => log(drawing, dialog).overflow,
	lookups: dialog => (dialog.task ? [{what: 'log', task: idOf(dialog)}] : []),
};
