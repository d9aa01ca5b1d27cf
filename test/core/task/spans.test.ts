import {expect, test} from 'vitest';
import type {RoomEvent} from '../../../source/core/event/event.ts';
import {spansOf} from '../../../source/core/task/spans.ts';

const event = (at: number, task: string, taskFields: Readonly<Record<string, string>>): RoomEvent => ({
	...{id: `${at}-0`, at, type: '', task, agent: '', was: '', text: '', by: ''},
	...{taskFields, agentFields: {}, lockFields: {}, controlFields: {}, featureFields: {}},
});

test('a life is its stages and attempts, without gaps', () => {
	const spans = spansOf(
		[
			event(1, 't-1', {state: 'ready', stage: 'develop'}),
			event(2, 't-1', {state: 'leased', owner: 'dev-1'}),
			event(3, 't-2', {state: 'leased', owner: 'dev-2'}),
			event(4, 't-1', {progress: 'half way'}),
			event(5, 't-1', {state: 'ready', stage: 'review', owner: ''}),
			event(6, 't-1', {state: 'leased', owner: 'rev-1'}),
			event(7, 't-1', {state: 'leased', stage: 'develop', owner: 'dev-1'}),
			event(9, 't-1', {state: 'leased', stage: 'merge', owner: 'merge-1'}),
			event(10, 't-1', {state: 'merged', owner: ''}),
		],
		't-1',
	);
	expect(spans.map(({stage, attempt, agent, from, to}) => [stage, attempt, agent, from, to])).toEqual([
		['queue', 0, '', 1, 2],
		['develop', 1, 'dev-1', 2, 5],
		['queue', 0, '', 5, 6],
		['review', 0, 'rev-1', 6, 7],
		['develop', 2, 'dev-1', 7, 9],
		['merge', 0, 'merge-1', 9, 10],
	]);
});
