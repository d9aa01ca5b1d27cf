import type {RateLimit} from '../../core/agent/rate-limit.ts';
import {isBudgetReached, isHeldByBudget, reachedText} from '../../core/cost/budget.ts';
import {endedAfter} from '../../core/queue/dependencies.ts';
import {fullTestsText} from '../../core/queue/full-tests.ts';
import {waitsForEntry} from '../../core/queue/merge-queue.ts';
import {strayText} from '../../core/queue/stray.ts';
import {whyHere} from '../../core/queue/why.ts';
import type {Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {byUrgency, type TeamRow, teamRows} from './agents.ts';
import {NEEDING_LOOKS, type NeedingLook} from './status-styles.ts';
import {remember} from './time.ts';

/**
 * Something that needs a human; `id` is a row of the Agents panel, `hold:<task>` for a blocked merge or a stuck task, `base` for a failing
 * base, `stray` for a base that an agent moved, or `budget`.
 */
export type Attention = {
	readonly id: string;
	readonly kind: NeedingLook;
	readonly name: string;
	readonly task: string;
	readonly text: string;
	readonly since: number;
};

const heldUp = ({id}: Task, text: string, since: number): Attention => ({id: `hold:${id}`, kind: 'held', name: id, task: id, text, since});

/**
 * Whether a task stands still until somebody acts. A delayed one comes back by itself, whatever it waits for, and an entry of the merge
 * queue moves with the one ahead of it.
 */
export const isHeldUp = ({waitReason, decision, state}: Pick<Task, 'waitReason' | 'decision' | 'state'>): boolean =>
	waitReason !== '' && decision === '' && (state === 'ready' || state === 'leased') && !waitsForEntry(waitReason);

/**
 * All that needs a human, in order: a moved base, questions, logins, ended turns, a failing base, a budget that blocks work, blocked
 * merges, agents of unknown status, failures, stalls; oldest first within each.
 */
export const attention = remember((snapshot, now): readonly Attention[] => {
	const rows = teamRows(snapshot, now).flatMap((row): Attention[] => {
		const kind = NEEDING_LOOKS.find(known => known === row.look);
		if (!kind) return [];
		const name = row.agent ? row.name : (row.task?.id ?? '');
		return [{id: row.id, kind, name, task: row.task?.id ?? '', text: row.text, since: row.since}];
	});
	const {control} = snapshot.team;
	const failingBase: readonly Attention[] = control.failingBase
		? [{id: 'base', kind: 'red', name: snapshot.repository.base, task: '', text: redText(snapshot), since: control.failingSince}]
		: control.fullTests.failed
			? [
					{
						...{id: 'base', kind: 'red', name: snapshot.repository.base, task: ''},
						...{text: fullTestsText(control.fullTests), since: control.fullTests.failedAt},
					},
				]
			: [];
	const stray: readonly Attention[] = control.stray
		? [
				{
					...{id: 'stray', kind: 'stray', name: snapshot.repository.base, task: control.strayTask},
					...{text: strayText(control), since: control.strayAt},
				},
			]
		: [];
	const over: readonly Attention[] = isHeldByBudget(control)
		? [{id: 'budget', kind: 'budget', name: 'budget', task: '', text: reachedText(control), since: control.reachedAt}]
		: [];
	const tasks = [...snapshot.team.tasks.values()];
	const held = tasks.filter(isHeldUp).map(task => heldUp(task, `blocked: ${task.waitReason}`, task.stageAt));
	// Nothing else would unblock them.
	const stuck = tasks
		.filter(task => endedAfter(task, snapshot.team) !== '')
		.map(task => heldUp(task, whyHere(task, snapshot.team, now, snapshot), task.updatedAt));
	return [...rows, ...stray, ...failingBase, ...over, ...held, ...stuck].sort(
		(a, b) => NEEDING_LOOKS.indexOf(a.kind) - NEEDING_LOOKS.indexOf(b.kind) || a.since - b.since,
	);
});

/** How many things need a human: the one count that header, group, bar, zoom, title and screen reader say. `now` is server time. */
export const needsYou = (snapshot: RoomSnapshot, now: number): number => attention(snapshot, now).length;

/** Rows of the Agents panel: the team, and what else needs a human, so that the group holds all that is counted. */
export const panelRows = remember((snapshot, now): readonly TeamRow[] => {
	const rows = teamRows(snapshot, now);
	const known = new Set(rows.map(({id}) => id));
	const others = attention(snapshot, now)
		.filter(({id}) => !known.has(id))
		.map(({id, kind, name, task, text, since}): TeamRow => {
			// The base moved, not the task of who moved it.
			const own = kind === 'stray' ? undefined : snapshot.team.tasks.get(task);
			return {id, name: own ? '—' : name, look: kind, agent: undefined, task: own, text, since};
		});
	return others.length === 0 ? rows : [...rows, ...others].sort(byUrgency);
});

/** That and how the base branch fails its tests. */
export const redText = ({team: {control}}: RoomSnapshot): string =>
	`fails its tests at ${control.failingBase.slice(0, 7)}${control.failingWhy ? `: ${control.failingWhy}` : ''}`;

/** Notified to a human who looks away. Each new question gets a new `id`, kept while it is asked. */
export type Need = {readonly id: string; readonly kind: 'asks' | 'problem' | 'done'; readonly who: string; readonly text: string};

const NEEDING: readonly Attention['kind'][] = ['stray', 'needs-input', 'logged-out', 'not-set-up', 'waiting', 'red', 'budget', 'crashed'];

/** A budget that only warns is no attention row: it would stay forever. */
const warned = ({team: {control}}: RoomSnapshot): readonly Attention[] =>
	isBudgetReached(control) && !isHeldByBudget(control)
		? [{id: 'budget', kind: 'budget', name: 'budget', task: '', text: reachedText(control), since: control.reachedAt}]
		: [];

/**
 * All notifications: questions, logins, decisions, ended turns, a failing base, a reached budget, failed tasks. Not a crashed agent: the
 * room restarts it. `now` is server time.
 */
export const needs = (snapshot: RoomSnapshot, now: number): readonly Need[] =>
	[...attention(snapshot, now), ...warned(snapshot)]
		.filter(({kind, id}) => NEEDING.includes(kind) && (kind !== 'crashed' || id.startsWith('task:')))
		.map(({id, kind, name, text, since}) => {
			const question = snapshot.team.agents.get(id)?.questionId;
			const isProblem =
				kind === 'stray' || kind === 'red' || kind === 'budget' || kind === 'crashed' || kind === 'logged-out' || kind === 'not-set-up';
			return {id: `${id} ${kind} ${question || since}`, kind: isProblem ? 'problem' : 'asks', who: name, text};
		});

/** All work is done, after there was some; undefined otherwise. */
export const allDone = ({team}: RoomSnapshot): Need | undefined => {
	const {ready, leased, blocked, delayed, merged, failed} = team.counts;
	if (ready + leased + blocked + delayed > 0 || merged + failed === 0) return undefined;
	const rest = failed > 0 ? `, ${failed} failed` : '';
	return {id: `done ${merged} ${failed}`, kind: 'done', who: '', text: `all done: ${merged} merged${rest}`};
};

export const rateLimitsNow = ({team, clockOffset}: RoomSnapshot, now: number): readonly RateLimit[] =>
	team.control.rateLimits.filter(({at, until}) => now + clockOffset >= at && now + clockOffset < until);
