import {agentName} from '../../../core/agent.ts';
import {isHeldByBudget} from '../../../core/budget.ts';
import {dollars} from '../../../core/money.ts';
import type {Control} from '../../../core/snapshot.ts';
import {keyOf} from '../../keymap.ts';
import {age} from '../../model/ages.ts';
import {LOOKS, lookOf} from '../../model/looks.ts';
import {spentToday} from '../../model/spent.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {LONG_FREEZE_MS, thawable} from '../../state/frozen.ts';
import {windowStart} from '../box.ts';
import type {Drawing} from '../context.ts';
import {cell, cut, type Line, said, span} from '../text.ts';
import {confirm, offers, widthIn} from './confirm.ts';
import type {DialogContent} from './dialog.ts';

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

/** What a longer freeze costs, and what helps then. */
const costOf = (since: number, inner: number, {keymap, isAscii}: Drawing): Line =>
	since < LONG_FREEZE_MS
		? [span(cut('  prompt caches cool after about 5m: a longer freeze costs a little more.', inner), 'dim')]
		: [
				span(
					cut(
						`  frozen for ${age(since)}: services may drop the agents. ${keyOf(keymap, 'frozen.interrupt', isAscii)} ends their turns instead.`,
						inner,
					),
					'warning',
				),
			];

/** What a budget that froze everything has to do with it by now. */
const byBudget = (control: Control): string =>
	isHeldByBudget(control)
		? `The budget of ${dollars(control.budget)} was reached: ${dollars(control.spent)} are spent.`
		: `The budget was reached; by now it holds nobody up: ${dollars(control.spent)} are spent${control.budget > 0 ? ` of ${dollars(control.budget)}` : ''}.`;

/** The card of a freeze: what it holds, what was left whole, and what can be done now. */
export const frozenDialog = (drawing: Drawing, at: number): DialogContent => {
	const {snapshot, now} = drawing;
	const inner = widthIn(drawing) - 2;
	const {tasks, agents, counts, locks, control} = snapshot.team;
	const atWork = [...agents.values()].filter(({task}) => task !== '').length;
	const merging = [...tasks.values()].find(task => task.stage === 'merge' && task.state === 'leased');
	const held = counted(atWork, 'agent', 'agents');
	const since = now - at;
	const today = spentToday(snapshot, now);
	const isByBudget = control.frozenWhy === 'budget';
	const stopped =
		atWork === 0
			? '  Nobody was at work: nothing begins until you say so.'
			: `  ${held} stopped where they were (SIGSTOP) ${age(since)} ago.`;
	const choices = offers(drawing, 'frozen', {
		resume: control.recovery
			? '(takes the data as they are)'
			: isHeldByBudget(control)
				? '(held until the budget is raised)'
				: '(nothing was lost)',
		some: '(choose agents)',
		interrupt: '(they wait for you)',
		kill: '(worktrees and commits stay)',
		close: '',
	});
	return confirm(drawing, control.frozen ? 'EVERYTHING IS FROZEN' : 'FREEZING…', [
		[span(cut(control.frozen ? stopped : `  Stopping ${held} where they are…`, inner), 'strong')],
		...(control.recovery ? [[span(cut(`  ${said(control.recovery)}.`, inner), 'dead')] as Line] : []),
		...(isByBudget ? [[span(cut(`  ${byBudget(control)}`, inner), isHeldByBudget(control) ? 'dead' : 'good')] as Line] : []),
		[span(cut('  The queue gives out nothing.', inner))],
		...(merging ? [[span(cut(`  The merge of ${said(merging.id)} was left whole: the base did not move.`, inner))] as Line] : []),
		[],
		[
			span(
				cut(
					`  ${today > 0 ? `spent today ${dollars(today)}    ` : ''}running turns ${counts.leased}    locks held ${locks.size}    queue held ${counts.ready}`,
					inner,
				),
				'dim',
			),
		],
		[],
		...choices.map((line, index) => (index === 0 ? line : [span('  '), ...line.slice(1)])),
		[],
		costOf(since, inner, drawing),
	]);
};

/** Who goes on after a freeze; the others are paused by name. */
export const thawDialog = (drawing: Drawing, {marked, index}: Extract<Dialog, {kind: 'thaw'}>): DialogContent => {
	const {snapshot, layout, keymap, isAscii} = drawing;
	const inner = widthIn(drawing) - 2;
	const resumes = `${keyOf(keymap, 'thaw.resume', isAscii)} resumes`;
	const agents = thawable(snapshot);
	const at = Math.min(index, agents.length - 1);
	const most = Math.max(1, Math.min(12, layout.rows - 12));
	const from = windowStart(agents.length, most, Math.max(0, at));
	const rows = agents.slice(from, from + most).map(({id, task, status, paused, ...rest}, row): Line => {
		const isMarked = marked.includes(id);
		const title = snapshot.team.tasks.get(task)?.title ?? '';
		const look = lookOf({id, task, status, paused, ...rest});
		return [
			span(from + row === at ? '▸' : ' '),
			span(isMarked ? '[x] ' : '[ ] ', isMarked ? 'strong' : 'dim'),
			span(`${cell(agentName(id), 10)} `, isMarked ? 'strong' : 'plain'),
			span(cut(task ? `${said(task)} ${title}` : LOOKS[look].word, inner - 17), task ? 'plain' : 'dim'),
		];
	});
	const chosen = marked.filter(id => agents.some(agent => agent.id === id)).length;
	return {
		...confirm(drawing, 'Resume only some', [
			[
				span(
					cut(`  The chosen go on; all others stay stopped, paused by name: ${keyOf(keymap, 'pause', isAscii)} resumes one.`, inner),
					'strong',
				),
			],
			[],
			...(rows.length > 0 ? rows : [[span('  No agent could go on: all are paused by name.', 'dim')] as Line]),
			[],
			[
				span(
					cut(
						chosen === 0
							? `  ${keyOf(keymap, 'thaw.mark', isAscii)} chooses, ${resumes} the marked row`
							: `  ${resumes} ${counted(chosen, 'agent', 'agents')}`,
						inner,
					),
					'dim',
				),
			],
		]),
		selected: rows.length > 0 ? 3 + at - from : -1,
		footer: agents.length > rows.length ? [span(`${at + 1} of ${agents.length}`, 'dim')] : [],
	};
};
