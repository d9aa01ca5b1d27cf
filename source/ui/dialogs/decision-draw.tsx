import {agentName} from '../../core/agent/agent.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {reviewLines} from '../draw/check.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {DECISION_WORDS} from '../model/decision-words.ts';
import {reasonText} from '../model/status-styles.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import type {Decision} from '../state/state.ts';
import {area, field, heading, verbatim} from '../text/blocks.ts';
import {emptyEditor} from '../text/editor.ts';
import {cut, type Line, said, span} from '../text/text.ts';
import {decision} from './decision.ts';

/** Input for a rejection's comment, below the decision. */
export const wordLines = ({state, layout}: Drawing, dialog: Decision, columns: number, ask: string): readonly Line[] => [
	[span('─'.repeat(columns), 'dim')],
	[span(` ${cut(ask, columns - 2)}`, 'strong')],
	...area(state.words[dialog.task] ?? emptyEditor, columns, layout.rows >= 24 ? 5 : 2),
];

/** What its reader is to judge by; what a check found says itself in its first line, which stands above. */
const told = ({decision, feedback}: WholeTask): string =>
	(decision === 'checks' || decision === 'returns' ? feedback.split('\n').slice(2).join('\n') : feedback).trimEnd();

const bodyOf = (task: WholeTask, columns: number, now: number): readonly Line[] => {
	const reviews = reviewLines(task.reviews, columns, now);
	const title =
		(
			{dropped: 'LEFT OUT', blocked: 'LAST OUTPUT', checks: 'FOUND', returns: 'WOULD COME BACK', pull: 'COMMENTS'} as Readonly<
				Record<string, string>
			>
		)[task.decision] ?? '';
	const left =
		title !== '' && task.feedback.trim() && (task.decision !== 'pull' || task.pull.waiting > 0) ? verbatim(told(task), columns, 300) : [];
	return [
		...(left.length > 0 ? [heading(title, columns), ...left] : []),
		...(reviews.length > 0 ? [heading('REVIEWS', columns), ...reviews] : []),
	];
};

/** A decision about finished work: whether it is good enough, may skip something, or may merge with the findings. */
const decide = (drawing: Drawing, dialog: Decision): InRows => {
	const {state, snapshot, layout} = drawing;
	const width = layout.columns >= 120 ? 100 : Math.min(92, layout.columns);
	const columns = width - 2;
	const read = state.reading?.id === dialog.task ? state.reading.task : undefined;
	const task = read ?? snapshot.team.tasks.get(dialog.task);
	const decision = task && task.decision !== '' && task.decision !== 'plan' ? task.decision : 'rounds';
	const {yes, no, means, needs, ask} = DECISION_WORDS[decision];
	const isTall = layout.rows >= 16;
	const facts: readonly Line[] = [
		...field('written by', (task?.authors ?? []).map(agentName).join(', '), columns, {most: 1}),
		...field('commit', [task?.commit.slice(0, 9), task?.branch].filter(Boolean).join(' on '), columns, {most: 1}),
		[],
	];
	const title: Line = [span(` ${cut(`${dialog.task} ${task?.title ?? ''}`, columns - 2)}`, 'strong')];
	const head: readonly Line[] = [
		title,
		...field('reason', task ? reasonText(task) : '', columns, {
			tone: 'warning',
			most: isTall ? 4 : decision === 'checks' || decision === 'returns' ? 2 : 1,
		}),
		...(isTall ? facts : []),
		[span(' y  ', 'strong'), span(cut(`${yes}: ${means[0]}`, columns - 5))],
		[span(' n  ', 'strong'), span(cut(`${no}: ${means[1]}`, columns - 5))],
		...(['checks', 'returns', 'pull', 'closed', 'blocked'].includes(decision)
			? [[span(' D  ', 'strong'), span(cut('cancel task: its branch stays', columns - 5))]]
			: []),
		...(isTall ? [[]] : []),
	];
	const words = dialog.isWriting ? wordLines(drawing, dialog, columns, ask) : [];
	const body = read ? bodyOf(read, columns, teamNow(drawing)) : [[span(' Reading…', 'dim')] as Line];
	const place = Math.max(1, layout.rows - 4 - head.length - words.length);
	const overflow = Math.max(0, body.length - place);
	const start = Math.min(overflow, dialog.scroll);
	return {
		title: [span(`${said(dialog.task)} ${decision === 'pull' ? 'waits for its pull request' : `needs ${needs} ▲`}`, 'strong')],
		titleRight: dialog.isSent ? [span('sending…', 'dim')] : [],
		footer: overflow > 0 ? [span(`j scrolls, ${overflow - start} more`, 'dim')] : [],
		// Where there is no room for both, what is being written is what must be seen.
		lines: words.length > 0 && !isTall ? [title, ...words] : [...head, ...body.slice(start, start + place), ...words],
		selected: -1,
		width,
		overflow,
	};
};

const DecideDialog = () => <RowsDialog told={useDialog('decide', decide)} />;

export const DECIDE: DialogKind<Decision> = {
	...decision,
	mode: 'DECIDE',
	keys: [
		{scope: 'decide', keys: ['y'], action: 'approve', label: 'approve', help: 'approve', group: '', order: 1},
		{scope: 'decide', keys: ['n'], action: 'request-changes', label: 'request changes…', help: 'request changes…', group: '', order: 2},
		{scope: 'decide', keys: ['t', 'enter'], action: 'task', label: 'open task', help: 'open task', group: '', order: 3},
		{scope: 'decide', keys: ['D'], action: 'cancel', label: 'cancel task…', help: 'cancel task…', group: '', order: 5, isDanger: true},
		{scope: 'decide', keys: ['down', 'j', 'ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll', group: '', order: 4},
		{scope: 'decide', keys: ['up', 'k', 'ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll up', group: ''},
		{scope: 'decide', keys: ['tab'], action: 'next-attention', label: '', help: 'next question', group: ''},
		{scope: 'decide', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous question', group: ''},
		{scope: 'decide', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},
		{scope: 'words', keys: ['enter'], action: 'send', label: 'send', help: 'send', group: '', order: 1},
		{scope: 'words', keys: ['esc'], action: 'close', label: 'close (draft kept)', help: 'close (draft kept)', group: '', order: 2},
	],
	Part: DecideDialog,
	overflow: (drawing, dialog) => decide(drawing, dialog).overflow ?? 0,
};
