import {describe, expect, test} from 'vitest';
import {parseEvent} from '../../../source/core/event/event.ts';
import {parseTask, type Task} from '../../../source/core/task/task.ts';
import {emptySnapshot, reduce, type TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {countTasks, forgotten, isShort, openCount} from '../../../source/core/team/window.ts';

/** A year of a team: every task is submitted, claimed and ended, in the order of its number, so many after it was added. */
const foldYear = (tasks: number, behind: number): {team: TeamSnapshot; largest: number} => {
	let team: TeamSnapshot = emptySnapshot;
	let largest = 0;
	let number = 0;
	const event = (task: number, type: string, was: string, state: string, ...more: string[]) =>
		parseEvent(`${++number}-0`, ['type', type, 'task', `t-${task}`, 'was', was, 't:state', state, ...more]);
	for (let index = 0; index < tasks + behind; index++) {
		const batch = index < tasks ? [event(index, 'task_submitted', '', 'ready', 't:createdAt', String(index), 't:priority', '50')] : [];
		const done = index - behind;
		if (done >= 0) {
			const end = done % 10 === 0 ? 'failed' : done % 10 === 1 ? 'cancelled' : 'merged';
			batch.push(event(done, 'task_claimed', 'ready', 'leased'), event(done, 'task_ended', 'leased', end, 't:doneAt', String(index)));
		}
		team = reduce(team, batch);
		largest = Math.max(largest, team.tasks.size, team.rawTasks.size);
	}
	return {team, largest};
};

describe('the tasks that a room knows by heart', () => {
	test('stay as many over fifty thousand events, and all are counted', () => {
		const {team, largest} = foldYear(17_000, 0);
		expect(largest).toBeLessThan(2000);
		expect(team.counts).toEqual({...emptySnapshot.counts, failed: 1700, cancelled: 1700, merged: 13_600});
		const known = countTasks(team.tasks.values());
		expect(known.failed).toBeGreaterThanOrEqual(100);
		expect([...team.tasks.keys()].at(-1)).toBe('t-16999');
	});

	test('stay as many while the queue grows; the next to be claimed are among them', () => {
		const {team, largest} = foldYear(5000, 4000);
		expect(largest).toBeLessThan(2000);
		expect(openCount(team.counts)).toBe(0);
		const queue = reduce(
			emptySnapshot,
			Array.from({length: 5000}, (_, index) =>
				parseEvent(`${index + 1}-0`, ['task', `t-${index}`, 't:state', 'ready', 't:createdAt', String(index), 't:priority', '50']),
			),
		);
		expect(queue.counts.ready).toBe(5000);
		expect(queue.tasks.has('t-0') && queue.tasks.has('t-500')).toBe(true);
		expect(queue.tasks.has('t-4999')).toBe(false);
	});

	test('never lose a leased one, nor the only one of its kind', () => {
		const of = (count: number, prefix: string, fields: Record<string, string>): Task[] =>
			Array.from({length: count}, (_, index) => parseTask(`${prefix}${index}`, {createdAt: String(index), ...fields}));
		const tasks = [
			...of(2000, 'dev', {state: 'ready', role: 'developer', priority: '100'}),
			...of(300, 'at-work', {state: 'leased'}),
			...of(300, 'asks', {state: 'blocked', decision: 'rounds', createdAt: '99999999'}),
			...of(300, 'waits', {state: 'blocked', waits: '1'}),
			...of(1, 'late', {state: 'ready', role: 'developer', needs: 'rust', createdAt: '999999999', priority: '0'}),
			...of(1, 'test', {state: 'ready', stage: 'test', role: 'test-orchestrator', priority: '0'}),
		];
		const gone = new Set(forgotten(new Map(tasks.map(task => [task.id, task])), 300));
		expect(gone.size).toBe(1552);
		expect([...gone].every(id => id.startsWith('dev') || id.startsWith('waits'))).toBe(true);
		expect(gone.has('dev0') || gone.has('late0') || gone.has('test0')).toBe(false);
	});

	test('are too few when hardly one of many ready ones is known', () => {
		const few = {tasks: new Map([['a', parseTask('a', {state: 'ready'})]]), counts: {...emptySnapshot.counts, ready: 2}};
		expect(isShort(few)).toBe(true);
		expect(isShort({...few, counts: {...few.counts, ready: 1}})).toBe(false);
		expect(isShort({...few, counts: {...few.counts, ready: 0, blocked: 5000}})).toBe(false);
	});
});
