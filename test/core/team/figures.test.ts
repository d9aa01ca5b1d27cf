import {expect, test} from 'vitest';
import type {RoomEvent} from '../../../source/core/event/event.ts';
import {createFigureSum} from '../../../source/core/team/figures.ts';

const HOUR = 3_600_000;
const START = 500_000 * HOUR;
let number = 0;
const event = (minutes: number, type: string, fields: Partial<RoomEvent> = {}): RoomEvent => ({
	...{id: `${START + minutes * 60_000}-${number++}`, at: START + minutes * 60_000, type, task: '', agent: '', was: '', text: '', by: ''},
	...{taskFields: {}, agentFields: {}, lockFields: {}, controlFields: {}, featureFields: {}},
	...fields,
});
const added = (minutes: number, task: string) =>
	event(minutes, 'task_created', {task, taskFields: {state: 'ready', stage: 'develop', createdAt: String(START + minutes * 60_000)}});

test('the event log sums up to merges, lead times, waiting tasks, money and success', () => {
	const sum = createFigureSum();
	sum.add([
		added(0, 't-1'),
		added(1, 't-2'),
		event(2, 'task_claimed', {task: 't-1', agent: 'agent:dev:001', was: 'ready', taskFields: {state: 'leased', owner: 'agent:dev:001'}}),
		event(3, 'usage_recorded', {task: 't-1', agent: 'agent:dev:001', agentFields: {model: 'large-1'}, controlFields: {spent: '100'}}),
		event(4, 'task_completed', {
			task: 't-1',
			agent: 'agent:dev:001',
			was: 'leased',
			taskFields: {state: 'ready', stage: 'review', author: 'agent:dev:001'},
		}),
		event(5, 'task_completed', {task: 't-1', agent: 'agent:rev:001', was: 'leased', taskFields: {state: 'ready', stage: 'develop'}}),
	]);
	sum.add([
		event(70, 'attempt_failed', {task: 't-2', agent: 'agent:dev:002', was: 'leased', taskFields: {state: 'delayed'}}),
		event(80, 'usage_recorded', {agent: 'agent:dev:001', agentFields: {model: 'small-1'}, controlFields: {spent: '1600'}}),
		event(90, 'task_merged', {task: 't-1', agent: 'agent:merge:001', was: 'leased', taskFields: {state: 'merged', stage: 'merge'}}),
	]);
	const {hours, agents, lead, from} = sum.figures(START + 2.5 * HOUR, 2);
	expect(from).toBe(START);
	expect(hours.map(({merged}) => merged)).toEqual([0, 1, 0]);
	expect(hours.map(({micros}) => micros)).toEqual([0, 1500, 0]);
	expect(hours.map(({queued}) => queued)).toEqual([1, 2, 2]);
	expect(lead).toEqual({count: 1, medianMs: 90 * 60_000, highMs: 90 * 60_000});
	expect(agents).toEqual([
		// With the model that wrote it, not with the one of today.
		{agent: 'agent:dev:001', model: 'large-1', merged: 1, sentBack: 1, failed: 0},
		{agent: 'agent:dev:002', model: '', merged: 0, sentBack: 0, failed: 1},
	]);
});
