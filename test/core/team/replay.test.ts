import {expect, test} from 'vitest';
import {parseEvent} from '../../../source/core/event/event.ts';
import {eventLine, landmarkOf} from '../../../source/core/protocol/output.ts';
import {stateAt} from '../../../source/core/team/replay.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';

const task = (id: string, state: string, more: Record<string, string> = {}) =>
	[id, {title: id, state, score: '5', doneAt: '1', ...more}] as const;
const none = {team: emptySnapshot, tasks: new Map()};

test('an entry of a moment counts whole, one after it not at all', () => {
	const events = [
		parseEvent('10-0', ['type', 'task_submitted', 'task', 'a', 't:title', 'A', 't:state', 'ready']),
		parseEvent('10-1', ['type', 'task_claimed', 'task', 'a', 'was', 'ready', 't:state', 'leased']),
		parseEvent('11-0', ['type', 'task_merged', 'task', 'a', 'was', 'leased', 't:state', 'merged']),
	];
	const states = [
		{id: '10-0', at: 10},
		{id: '10-1', at: 10},
		{id: '', at: 10},
		{id: '', at: 99},
		{id: '', at: 9},
	].map(moment => [...stateAt(none, events, moment).tasks.values()].map(({title, state}) => `${title} ${state}`));
	expect(states).toEqual([['A ready'], ['A leased'], ['A leased'], ['A merged'], []]);
	expect(stateAt(none, events, {id: '10-1', at: 10}).counts).toMatchObject({ready: 0, leased: 1, merged: 0});
});

test('of very many tasks those at work and the next are shown, and the newest finished ones', () => {
	const tasks = new Map([
		...Array.from({length: 20_000}, (_, index) =>
			task(`r${index}`, 'ready', {score: String(30_000 - index), createdAt: String(30_000 - index)}),
		),
		task('busy', 'leased', {score: '90000'}),
		...Array.from({length: 300}, (_, index) => task(`m${index}`, 'merged', {doneAt: String(index)})),
	]);
	const shown = stateAt({team: emptySnapshot, tasks}, [], {id: '', at: 1}).tasks;
	expect(shown.size).toBeLessThan(2000);
	expect([shown.has('busy'), shown.has('r19999'), shown.has('r0'), shown.has('m299'), shown.has('m199')]).toEqual([
		true,
		true,
		false,
		true,
		false,
	]);
});

test.each([
	['merged', ['type', 'task_merged']],
	['failed', ['type', 'task_failed']],
	['retried', ['type', 'attempt_failed', 'a:status', 'idle']],
	['unreachable', ['type', 'agent_updated', 'a:status', 'crashed']],
	['unreachable', ['type', 'agent_lost', 'a:status', 'unreachable']],
	['questions', ['type', 'agent_updated', 'a:status', 'needs-input']],
	['orders', ['type', 'control_changed', 'c:frozen', '1']],
	[undefined, ['type', 'task_claimed', 'a:status', 'working']],
])('a landmark: %s', (landmark, fields) => {
	expect(landmarkOf(eventLine(parseEvent('1-0', fields)))).toBe(landmark);
});
