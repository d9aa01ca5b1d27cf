import {agentName} from '../../core/agent/agent.ts';
import {causeHere} from '../../core/task/failure.ts';
import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {Dialog, Gap, Rule, Say, useDialog} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {and, type Context, refuse, type Updated, unchanged} from '../state/message.ts';
import {selectionOf} from '../state/selection.ts';
import {type LogDialog, lookOf, type ViewState} from '../state/state.ts';
import {verbatim} from '../text/blocks.ts';
import {cut, type Line, labelled, said, span, wrap} from '../text/text.ts';

const HALF = 10;

export const openLog = (state: ViewState, context: Context): Updated => {
	const {agent, taskId} = selectionOf(state, context);
	if (!agent && taskId === '') return refuse(state, 'Select an agent or task with a log.', context);
	return unchanged({...state, dialog: {kind: 'log', task: taskId, agent: agent?.id ?? '', up: 0, isWrapped: true}});
};

/** Keys of the log. It is read from the end: `up` counts from there, and new lines only appear while following. */
const updateLog = (state: ViewState, dialog: LogDialog, action: string, context: Context): Updated => {
	if (action === 'close') return unchanged({...state, dialog: undefined});
	if (action === 'pager') {
		const log = lookOf(state, 'log', dialog.task)?.log || context.snapshot.team.tasks.get(dialog.task)?.testLog;
		return log ? and(state, {type: 'page', log}) : refuse(state, 'No log yet.', context);
	}
	if (action === 'wrap') return unchanged({...state, dialog: {...dialog, isWrapped: !dialog.isWrapped, up: 0}});
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
		[span('  CAUSE    ', 'strong'), span(cause.kind, 'danger'), span(cause.isSure ? '   (sure)' : '   (guessed from its output)', 'dim')],
		labelled('', first, 8, inner),
		...rest.map(row => labelled('', row, 8, inner)),
	];
};

const log = (drawing: Drawing, dialog: LogDialog) => {
	const {layout, state, snapshot} = drawing;
	const width = Math.max(20, Math.min(140, layout.columns - (layout.columns >= 100 ? 8 : 2)));
	const inner = width - 2;
	const found = lookOf(state, 'log', dialog.task);
	const task = snapshot.team.tasks.get(dialog.task);
	const room = Math.max(6, layout.rows - 5);
	// A running agent's screen is ahead of its log, which is written later.
	const lines = found?.lines ?? drawing.tail(dialog.agent, room * 4);
	const cause = causeLines(drawing, dialog.task, dialog.agent, lines.slice(-20).join('\n'), inner);
	const rows = lines.flatMap((line): readonly Line[] =>
		dialog.isWrapped ? verbatim(line, inner - 1, WRAPPED) : [[span(` ${cut(line, inner - 2)}`)]],
	);
	const height = Math.max(3, room - cause.length - 2);
	const overflow = Math.max(0, rows.length - height);
	const end = rows.length - Math.min(overflow, dialog.up);
	const name = [dialog.agent ? agentName(dialog.agent) : '', dialog.task].filter(Boolean).join(' · ');
	const isRead = dialog.task !== '' && !found && state.looks.log[dialog.task]?.isAsked;
	const where = `${Math.max(0, end - height) + 1}-${end} of ${rows.length}${dialog.up === 0 ? ' · following' : ''}`;
	return {
		width,
		title: [span(`Log of ${said(name)}`, 'strong'), ...(task ? [span(` ${cut(task.title, Math.max(0, inner - 60))}`)] : [])],
		file: found?.log ? [span(cut(found.log, 40), 'dim')] : [],
		cause,
		shown: rows.slice(Math.max(0, end - height), end),
		empty: isRead ? 'reading log…' : 'No output yet.',
		footer: [span(overflow > 0 ? where : `${rows.length} line${rows.length === 1 ? '' : 's'}`, 'dim')],
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

const LogOf = () => {
	const printed = useDialog('log', log);
	return (
		printed && (
			<Dialog title={printed.title} titleRight={printed.file} footer={printed.footer} width={printed.width}>
				<Rows lines={printed.cause} />
				{printed.cause.length > 0 && <Rule />}
				{printed.shown.length > 0 ? <Rows lines={printed.shown} /> : <Empty>{printed.empty}</Empty>}
			</Dialog>
		)
	);
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
		{scope: 'log', keys: ['esc', 'q'], action: 'close', label: 'close', help: 'close', group: '', order: 9},
	],
	update: (state, dialog, {action}, context) => updateLog(state, dialog, action, context),
	Part: LogOf,
	overflow: (drawing, dialog) => log(drawing, dialog).overflow,
	lookups: ({task}) => (task ? [{what: 'log', task}] : []),
};
