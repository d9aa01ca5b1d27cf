import {agentName} from '../../../core/agent.ts';
import {causeHere} from '../../../core/cause.ts';
import type {LogDialog} from '../../state/dialogs.ts';
import {lookOf} from '../../state/looking.ts';
import {verbatim} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {labelled} from '../pane.ts';
import {cut, type Line, said, span, wrap} from '../text.ts';
import type {DialogContent} from './dialog.ts';

/** Rows that one line may take where long ones are wrapped. */
const WRAPPED = 40;

/** The class of a failure, whether it is certain, and the reason in its own words. */
export const causeLines = (drawing: Drawing, task: string, agent: string, printed: string, inner: number): readonly Line[] => {
	const {tasks, agents} = drawing.snapshot.team;
	const cause = causeHere(tasks.get(task), agents.get(agent), printed);
	if (!cause) return [];
	const [first = '', ...rest] = wrap(cause.text, inner - 14, 3);
	return [
		[span('  CAUSE   ', 'strong'), span(cause.kind, 'dead'), span(cause.isSure ? '   (sure)' : '   (a guess from what it printed)', 'dim')],
		labelled('', first, 8, inner),
		...rest.map(row => labelled('', row, 8, inner)),
	];
};

/** The end of a log with the cause above it; it scrolls from its end. */
export const logDialog = (drawing: Drawing, dialog: LogDialog): DialogContent => {
	const {layout, state, snapshot} = drawing;
	const width = Math.max(20, Math.min(140, layout.columns - (layout.columns >= 100 ? 8 : 2)));
	const inner = width - 2;
	const found = lookOf(state, 'log', dialog.task);
	const task = snapshot.team.tasks.get(dialog.task);
	const room = Math.max(6, layout.rows - 5);
	// An agent that runs says more on its screen than its log, which is written a moment later.
	const lines = found?.lines ?? drawing.tail(dialog.agent, room * 4);
	const cause = causeLines(drawing, dialog.task, dialog.agent, lines.slice(-20).join('\n'), inner);
	const rows = lines.flatMap((line): readonly Line[] =>
		dialog.isWrapped ? verbatim(line, inner - 1, WRAPPED) : [[span(` ${cut(line, inner - 2)}`)]],
	);
	const height = Math.max(3, room - cause.length - 2);
	const overflow = Math.max(0, rows.length - height);
	const end = rows.length - Math.min(overflow, dialog.up);
	const shown = rows.slice(Math.max(0, end - height), end);
	const name = [dialog.agent ? agentName(dialog.agent) : '', dialog.task].filter(Boolean).join(' · ');
	const nothing =
		dialog.task !== '' && !found && state.looks.log[dialog.task]?.isAsked
			? 'reading its log…'
			: 'Nothing was printed yet: the log begins with its first attempt.';
	return {
		title: [span(`Log of ${said(name)}`, 'strong'), ...(task ? [span(` ${cut(task.title, Math.max(0, inner - 60))}`)] : [])],
		titleRight: found?.log ? [span(cut(found.log, 40), 'dim')] : [],
		lines: [
			...cause,
			...(cause.length > 0 ? [[span('─'.repeat(inner), 'dim')] as Line] : []),
			...(shown.length > 0 ? shown : [[], [span(`  ${cut(nothing, inner - 4)}`, 'dim')], []]),
		],
		footer: [
			span(
				overflow > 0
					? `${Math.max(0, end - height) + 1}-${end} of ${rows.length}${dialog.up === 0 ? ' · follows' : ''}`
					: `${rows.length} line${rows.length === 1 ? '' : 's'}`,
				'dim',
			),
		],
		selected: -1,
		width,
		isHeavy: true,
		overflow,
	};
};
