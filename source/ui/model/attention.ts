import {isHeldByBudget, reachedText} from '../../core/budget.ts';
import type {Task} from '../../core/task.ts';
import {whyHere} from '../../core/why-here.ts';
import {endedAfter} from '../../core/why-waiting.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {remember} from './remember.ts';
import {roster} from './roster.ts';

/** Something that waits for a person; `id` is a row of the Agents panel, `hold:<task>` for a landing that is held or a task that nothing moves, `base` for a red base, or `budget`. */
export type Attention = {
	readonly id: string;
	readonly kind: 'asks' | 'logged-out' | 'waiting' | 'red' | 'budget' | 'held' | 'unknown' | 'dead' | 'stalled';
	readonly name: string;
	readonly task: string;
	readonly text: string;
	readonly since: number;
};

const KINDS: readonly Attention['kind'][] = ['asks', 'logged-out', 'waiting', 'red', 'budget', 'held', 'unknown', 'dead', 'stalled'];

const heldUp = ({id}: Task, text: string, since: number): Attention => ({id: `hold:${id}`, kind: 'held', name: id, task: id, text, since});

/**
 * All that needs a person: questions, logins, those whose turn is over, a red base, a budget that holds them up, held landings, those of whom nothing reliable is known, the
 * dead, the stalled; oldest first within each.
 */
export const attention = remember((snapshot, now): readonly Attention[] => {
	const rows = roster(snapshot, now).flatMap((row): Attention[] => {
		const kind = KINDS.find(known => known === row.look);
		if (!kind) return [];
		const name = row.agent ? row.name : (row.task?.id ?? '');
		return [{id: row.id, kind, name, task: row.task?.id ?? '', text: row.text, since: row.since}];
	});
	const {control} = snapshot.team;
	const red: readonly Attention[] = control.red
		? [{id: 'base', kind: 'red', name: snapshot.repository.base, task: '', text: redText(snapshot), since: control.redAt}]
		: [];
	const over: readonly Attention[] = isHeldByBudget(control)
		? [{id: 'budget', kind: 'budget', name: 'budget', task: '', text: reachedText(control), since: control.reachedAt}]
		: [];
	const tasks = [...snapshot.team.tasks.values()];
	const held = tasks
		.filter(task => task.hold && (task.state === 'ready' || task.state === 'leased' || task.state === 'delayed'))
		.map(task => heldUp(task, `held: ${task.hold}`, task.stageAt));
	// Nothing else would ever move them.
	const stuck = tasks
		.filter(task => endedAfter(task, snapshot.team) !== '')
		.map(task => heldUp(task, whyHere(task, snapshot.team, now, snapshot), task.updatedAt));
	return [...rows, ...red, ...over, ...held, ...stuck].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || a.since - b.since);
});

/** That the base branch fails its own tests, and how. */
export const redText = ({team: {control}}: RoomSnapshot): string =>
	`is red at ${control.red.slice(0, 7)}: ${control.redWhy || 'its own tests fail'}`;
