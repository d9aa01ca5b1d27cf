import {agentName} from '../../core/agent/agent.ts';
import {roleLabel} from '../../core/agent/role-label.ts';
import type {Plan, PlanTask} from '../../core/plan/plan.ts';
import {priorityBadge, type Task} from '../../core/task/task.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyOf} from '../keymap/keymap.ts';
import {ageOf} from '../model/time.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import {type Proposal, proposalOf} from '../state/reading.ts';
import type {Decision} from '../state/state.ts';
import {bullets, field, heading, paragraph} from '../text/blocks.ts';
import {windowStart} from '../text/box.ts';
import {cell, cut, type Line, said, span, widthOf} from '../text/text.ts';
import {decision, problemsOf} from './decision.ts';
import {wordLines} from './decision-draw.tsx';

type Row = {readonly added: PlanTask} | {readonly cancelled: string};
const rowsOf = (plan: Plan): readonly Row[] => [...plan.tasks.map(added => ({added})), ...plan.cancel.map(cancelled => ({cancelled}))];

/** Dependencies within the plan by number, others by id. */
const afterText = (task: PlanTask, plan: Plan): string =>
	task.after
		.map(id => {
			const at = plan.tasks.findIndex(other => other.id === id);
			return at === -1 ? id : String(at + 1);
		})
		.join(' ');

const marksOf = (task: PlanTask): string =>
	[task.role === 'developer' ? '' : roleLabel(task.role), ...task.needs, task.audit ? 'audit' : ''].filter(Boolean).join(' ');

const planList = (plan: Plan, tasks: ReadonlyMap<string, Task>, index: number, columns: number): readonly Line[] => {
	const rows = rowsOf(plan);
	const isWide = columns >= 60;
	const ids = isWide ? Math.min(24, Math.max(...rows.map(row => widthOf(said('added' in row ? row.added.id : row.cancelled))), 1)) : 0;
	const afters = Math.min(Math.floor(columns / 5), Math.max(0, ...plan.tasks.map(task => widthOf(said(afterText(task, plan))))));
	const marks = isWide ? Math.min(Math.floor(columns / 4), Math.max(0, ...plan.tasks.map(task => widthOf(said(marksOf(task)))))) : 0;
	const numbers = String(plan.tasks.length).length;
	const right = (afters > 0 ? afters + 3 : 0) + (marks > 0 ? marks + 2 : 0);
	const left = Math.max(4, columns - 1 - numbers - 1 - 3 - (ids > 0 ? ids + 1 : 0) - right - 1);
	return rows.map((row, at): Line => {
		const mark = span(at === index ? '▸' : ' ');
		if ('cancelled' in row) {
			const task = tasks.get(row.cancelled);
			const words = `${task ? `${task.title}  ` : ''}is cancelled${task?.state === 'leased' ? `; ${agentName(task.owner)} is stopped` : ''}`;
			return [
				mark,
				span(`${'-'.padStart(numbers)} `, 'danger'),
				span(`${task ? priorityBadge(task.priority) : '  '} `),
				span(ids > 0 ? `${cell(row.cancelled, ids)} ` : ''),
				span(cut(ids > 0 ? words : `${row.cancelled} ${words}`, left + right), 'danger'),
			];
		}
		const {added} = row;
		const badge = priorityBadge(added.priority);
		const after = afterText(added, plan);
		return [
			mark,
			span(`${String(at + 1).padStart(numbers)} `, 'dim'),
			span(`${badge} `, badge === 'P0' ? 'strong' : 'plain'),
			span(ids > 0 ? `${cell(added.id, ids)} ` : ''),
			span(cell(added.title, left)),
			...(afters > 0 ? [span(after ? ' ⊘ ' : '   ', 'dim'), span(cell(after, afters), 'dim')] : []),
			...(marks > 0 ? [span('  '), span(cell(marksOf(added), marks), 'dim')] : []),
		];
	});
};

const detailOf = (row: Row | undefined, plan: Plan, tasks: ReadonlyMap<string, Task>, columns: number): readonly Line[] => {
	if (!row) return [];
	if ('cancelled' in row) {
		const task = tasks.get(row.cancelled);
		return [
			heading(said(row.cancelled), columns),
			...paragraph(task?.title ?? 'Not loaded.', columns, 3, 'strong'),
			...field('state', task ? `${task.state}, ${task.stage}` : '', columns),
			...field('in progress', task?.owner ? `by ${agentName(task.owner)}, which is stopped` : '', columns),
			...field('kept', task?.branch ? `its work so far, on ${task.branch}` : '', columns),
		];
	}
	const {added} = row;
	const after = added.after.map(id => plan.tasks.find(other => other.id === id)?.title ?? id);
	return [
		heading(said(added.id), columns),
		...paragraph(added.title, columns, 3, 'strong'),
		...field('role', roleLabel(added.role), columns),
		...field('needs', added.needs.join(', '), columns),
		...field('after', added.after.map((id, index) => (after[index] === id ? id : `${id} (${after[index]})`)).join(', '), columns),
		...field('scope', added.paths.join(', '), columns),
		...field('security', added.audit ? 'security review required' : '', columns),
		...(added.acceptance.length > 0 ? [[span(' acceptance', 'dim')] as Line, ...bullets(added.acceptance, columns)] : []),
		...(added.description.trim() ? [[] as Line, ...paragraph(added.description, columns, 200)] : []),
	];
};

const keyIn = ({keymap, isAscii}: Drawing, action: string): string => keyOf(keymap, `plan.${action}`, isAscii);

const headOf = ({task, plan, edit}: Proposal, drawing: Drawing, columns: number, isTall: boolean): readonly Line[] => {
	const {team} = drawing.snapshot;
	const feature = team.features.get(task.feature || task.id);
	const stays = feature && feature.merged > 0 ? `, ${feature.merged} merged ${feature.merged === 1 ? 'stays' : 'stay'}` : '';
	const added = plan?.tasks.length ?? 0;
	const cancelled = plan?.cancel.length ?? 0;
	const counts = `${added} ${added === 1 ? 'task' : 'tasks'} to add${cancelled > 0 ? `, ${cancelled} to cancel` : ''}${stays}`;
	const by = [
		task.author ? `by ${agentName(task.author)}` : '',
		`${ageOf(task.stageAt, teamNow(drawing))} ago`,
		task.rounds > 0 ? `try ${task.rounds + 1}` : '',
	];
	const problems = problemsOf(edit);
	return [
		[span(` ${cut(task.title, columns - 2)}`, 'strong')],
		[span(` ${counts}`), span(cut(`  proposed ${by.filter(Boolean).join(', ')}`, Math.max(0, columns - widthOf(counts) - 2)), 'dim')],
		...paragraph(plan?.summary ?? '', columns, isTall ? 3 : 1, 'dim'),
		...(edit?.plan
			? [[span(' This is your edit.', 'warning'), span(` ${keyIn(drawing, 'undo')} restores the proposed plan.`, 'dim')] as Line]
			: []),
		...(problems.length > 0
			? [
					[
						span(
							cut(
								` Your edit is saved but not valid yet. ${keyIn(drawing, 'edit')} reopens it, ${keyIn(drawing, 'undo')} discards it.`,
								columns - 1,
							),
							'warning',
						),
					] as Line,
					...problems.slice(0, isTall ? 5 : 2).flatMap(text => paragraph(text, columns, 2, 'warning', 3)),
					...(problems.length > (isTall ? 5 : 2) ? [[span(`   … ${problems.length - (isTall ? 5 : 2)} more`, 'dim')] as Line] : []),
				]
			: []),
	];
};

const planned = (drawing: Drawing, dialog: Decision): InRows => {
	const {state, layout, snapshot} = drawing;
	const width = layout.columns >= 124 ? 120 : layout.columns;
	const columns = width - 2;
	const height = layout.rows - 4;
	const isTall = layout.rows >= 24;
	const proposal = proposalOf(state, dialog.task);
	const frame = {
		title: [span(`Plan for ${said(dialog.task)} ▲`, 'strong')],
		titleRight: dialog.isSent ? [span('sending…', 'dim')] : [],
		selected: -1,
		width,
	};
	if (!proposal) {
		const words = snapshot.redis.isConnected ? 'Reading plan…' : 'Redis disconnected: the plan loads when it reconnects.';
		return {...frame, lines: [[], [span(` ${words}`, 'dim')], []]};
	}
	const head = headOf(proposal, drawing, columns, isTall);
	const words = dialog.isWriting ? wordLines(drawing, dialog, columns, 'What should change? The Planner replans with your comment.') : [];
	// If there is no room for both, shows what is being written.
	if (words.length > 0 && layout.rows < 16) return {...frame, lines: [...head.slice(0, 1), ...words]};
	const {plan} = proposal;
	if (!plan || rowsOf(plan).length === 0) {
		const why = proposal.task.waitReason || 'The Planner has proposed no valid plan.';
		const lines = [
			...head,
			[],
			...paragraph(why, columns, 4, 'warning'),
			[],
			[span(` ${keyIn(drawing, 'edit')} writes a plan yourself, ${keyIn(drawing, 'request-changes')} rejects it with a comment.`, 'dim')],
			...words,
		];
		return {...frame, lines};
	}
	const rows = planList(plan, snapshot.team.tasks, dialog.index, columns);
	const free = Math.max(4, height - head.length - words.length - 1);
	const detail = detailOf(rowsOf(plan)[dialog.index], plan, snapshot.team.tasks, columns);
	const most = Math.max(2, Math.min(rows.length, Math.max(Math.floor(free * 0.5), free - detail.length)));
	const from = windowStart(rows.length, most, dialog.index);
	const shown = rows.slice(from, from + most);
	const place = Math.max(0, free - shown.length);
	const overflow = Math.max(0, detail.length - place);
	const start = Math.min(overflow, dialog.scroll);
	const lines = [...head, [], ...shown, ...detail.slice(start, start + place), ...words];
	const notes = [
		rows.length > shown.length ? `${from + 1}-${from + shown.length} of ${rows.length}` : '',
		overflow > 0 ? `${keyOf(drawing.keymap, 'plan.scroll-down', drawing.isAscii)} scrolls, ${overflow - start} more` : '',
	].filter(Boolean);
	return {...frame, lines, footer: notes.length > 0 ? [span(notes.join(' · '), 'dim')] : [], overflow};
};

const PlanDialog = () => <RowsDialog told={useDialog('plan', planned)} />;

export const PLAN: DialogKind<Decision> = {
	...decision,
	mode: 'PLAN',
	keys: [
		{scope: 'plan', keys: ['y'], action: 'approve', label: 'approve', help: 'approve plan', group: '', order: 1, needs: 'fine-plan'},
		{scope: 'plan', keys: ['e'], action: 'edit', label: 'edit', help: 'edit plan', group: '', order: 2},
		{scope: 'plan', keys: ['n'], action: 'request-changes', label: 'reject…', help: 'reject with comment…', group: '', order: 3},
		{
			scope: 'plan',
			keys: ['u'],
			action: 'undo',
			label: 'discard edit',
			help: 'discard edit',
			group: '',
			order: 4,
			needs: 'edited-plan',
		},
		{scope: 'plan', keys: ['down', 'j'], action: 'next', label: 'choose', help: 'next task', group: '', order: 5},
		{scope: 'plan', keys: ['up', 'k'], action: 'previous', label: '', help: 'previous task', group: ''},
		{scope: 'plan', keys: ['ctrl+d', 'pgdn'], action: 'scroll-down', label: 'scroll', help: 'scroll down', group: '', order: 6},
		{scope: 'plan', keys: ['ctrl+u', 'pgup'], action: 'scroll-up', label: '', help: 'scroll up', group: ''},
		{scope: 'plan', keys: ['tab'], action: 'next-attention', label: '', help: 'next question', group: ''},
		{scope: 'plan', keys: ['shift+tab'], action: 'previous-attention', label: '', help: 'previous question', group: ''},
		{scope: 'plan', keys: ['esc'], action: 'close', label: 'later', help: 'decide later', group: '', order: 9},
	],
	Part: PlanDialog,
	overflow: (drawing, dialog) => planned(drawing, dialog).overflow ?? 0,
};
