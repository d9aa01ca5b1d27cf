import {expect, test} from 'vitest';
import {parseEvent, type RoomEvent} from '../../../source/core/event/event.ts';
import {addToRecord, emptyRecord, historyOf} from '../../../source/core/task/history.ts';

const event = (at: number, type: string, agent: string, fields: Readonly<Record<string, string>> = {}, task = 't-1'): RoomEvent =>
	parseEvent(`${at}-0`, [
		'type',
		type,
		'task',
		task,
		'agent',
		agent,
		'text',
		fields.text ?? '',
		...Object.entries(fields).flatMap(([name, value]) => [`t:${name}`, value]),
	]);

const dev = 'agent:dev:001';
const rev = 'agent:rev:001';
const events = [
	event(1000, 'task_handed in', '', {state: 'ready', stage: 'develop'}),
	event(4000, 'task_claimed', dev, {state: 'leased', owner: dev, attempt: '1'}),
	event(5000, 'usage_recorded', dev, {spent: '300'}),
	event(14_000, 'attempt_failed', dev, {state: 'delayed', owner: '', reason: 'exit 1'}),
	event(15_000, 'task_ready', '', {state: 'ready'}),
	event(16_000, 'task_claimed', dev, {state: 'leased', owner: dev}),
	event(16_100, 'task_progressed', dev, {attempt: '2'}),
	event(26_000, 'task_completed', dev, {state: 'ready', stage: 'review', owner: ''}),
	event(27_000, 'task_claimed', rev, {state: 'leased', owner: rev}),
	event(28_000, 'usage_recorded', dev, {spent: '500'}),
	event(29_000, 'usage_recorded', rev, {spent: '560'}),
	event(37_000, 'task_completed', rev, {state: 'ready', stage: 'test', owner: ''}),
];

test('the time of a task is split by what it waited for, up to now', () => {
	const {times} = historyOf({events, owner: ''}, 't-1', 40_000);
	expect(times).toEqual({queue: 5000, work: 20_000, review: 11_000, merge: 3000});
	const over = [...events, event(41_000, 'task_merged', '', {state: 'merged', owner: ''})];
	expect(historyOf({events: over, owner: ''}, 't-1', 99_000).times.merge).toBe(4000);
	expect(historyOf({events: over, owner: ''}, 't-1', 99_000).tries.at(-1)?.result).toBe('merged');
	const back = event(38_000, 'task_completed', rev, {
		state: 'ready',
		stage: 'develop',
		owner: '',
		text: 'sent back requested (1 must-fix)',
	});
	expect(historyOf({events: [...events.slice(0, -1), back], owner: ''}, 't-1', 99_000).tries.at(-1)).toMatchObject({
		result: 'sent back',
		cause: 'sent back requested (1 must-fix)',
	});
});

test('an attempt whose agent is blocked has handed in nothing', () => {
	const ends = event(9000, 'task_needs_decision', dev, {state: 'blocked', owner: '', decision: 'blocked', reason: 'blocked: no key'});
	expect(historyOf({events: [...events.slice(0, 2), ends], owner: ''}, 't-1', 20_000).tries.at(-1)).toMatchObject({
		result: 'handed back',
		cause: 'blocked: no key',
	});
});

test('every time that somebody had it to write is told with its end, its cause and its cost', () => {
	const {tries, spentBy} = historyOf({events, owner: ''}, 't-1', 40_000);
	expect(tries).toEqual([
		{number: 1, agent: dev, from: 4000, to: 14_000, spent: 300, result: 'failed', cause: 'exit 1'},
		{number: 2, agent: dev, from: 16_000, to: 26_000, spent: 200, result: 'handed in', cause: ''},
	]);
	expect([...spentBy]).toEqual([
		[dev, 500],
		[rev, 60],
	]);
	expect(historyOf({events: events.slice(0, 7), owner: dev}, 't-1', 20_000).tries.at(-1)).toMatchObject({result: 'at work', to: 0});
});

test('the record of a task has what its agent did about locks and questions while it had it, and is bounded', () => {
	const lock = event(5500, 'lock_taken', dev, {text: 'src/**'}, '');
	const all = [
		event(3000, 'lock_taken', dev, {}, ''),
		...events.slice(0, 2),
		lock,
		event(5600, 'task_claimed', rev, {}, 't-9'),
		...events.slice(2, 4),
		event(14_500, 'lock_taken', dev, {}, ''),
	];
	const record = addToRecord(emptyRecord, 't-1', all);
	expect(record.events.map(({id}) => id)).toEqual(['1000-0', '4000-0', '5500-0', '5000-0', '14000-0']);
	expect(record.owner).toBe('');
	const many = Array.from({length: 1500}, (_, at) => event(20_000 + at, 'task_progressed', dev));
	const long = addToRecord(record, 't-1', many);
	expect([long.events.length, long.events[0]?.id, long.events.at(-1)?.id]).toEqual([1000, '1000-0', '21499-0']);
});
