import {expect, test} from 'vitest';
import type {EventLine, StatusLine, TaskLine} from '../../../source/core/protocol/output-schema.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';
import {countTasks} from '../../../source/core/team/window.ts';
import {factLines, readFacts} from '../../../source/programs/demo/facts.ts';

const event = (fields: Partial<EventLine>): EventLine => ({
	id: '1-0',
	at: 0,
	type: '',
	task: '',
	agent: '',
	text: '',
	by: '',
	state: '',
	stage: '',
	status: '',
	...fields,
});
const task = (id: string, state: string, doneAt: number): TaskLine => ({
	...parseTask(id, {state, createdAt: '1000', doneAt: String(doneAt)}),
	why: '',
});
const status = (tasks: readonly TaskLine[]): StatusLine => ({
	at: 0,
	room: null,
	repository: {name: 'r', root: '/r', base: 'main', baseCommit: ''},
	redis: {isConnected: true, lostAt: 0, address: ''},
	control: emptySnapshot.control,
	hasTestCommand: true,
	isTrusted: true,
	banners: [],
	conflicts: [],
	counts: countTasks(tasks),
	features: [],
	tasks,
	agents: [],
	locks: [],
});

test('counts what happened, each task once', () => {
	const facts = readFacts(status([task('f', 'planned', 900), task('a', 'merged', 6000), task('b', 'merged', 9000)]), [
		event({type: 'task_planned', task: 'f', state: 'planned'}),
		event({type: 'task_submitted', task: 'a', at: 1000, state: 'ready'}),
		event({type: 'task_claimed', task: 'a', agent: 'agent:dev:001', state: 'leased'}),
		event({type: 'task_claimed', task: 'b', agent: 'agent:dev:002', state: 'leased'}),
		event({type: 'agent_updated', agent: 'agent:dev:001', text: 'needs input: Do you want to proceed?'}),
		event({type: 'attempt_failed', task: 'b', text: 'killed by SIGKILL: half way', state: 'delayed'}),
		event({type: 'task_claimed', task: 'b', agent: 'agent:dev:003', state: 'leased'}),
		event({type: 'task_completed', task: 'a', text: 'changes requested', state: 'ready', stage: 'develop'}),
		event({type: 'task_completed', task: 'a', text: 'Merging into `main` conflicts in `README.md`.', state: 'ready', stage: 'resolve'}),
		event({type: 'task_claimed', task: 'a', agent: 'agent:fix:001', text: 'resolve', state: 'leased'}),
		event({type: 'task_claimed', task: 'b', agent: 'agent:sec:001', text: 'audit', state: 'leased'}),
		event({
			type: 'task_completed',
			task: 'b',
			text: 'tests failed (exit 1 after 1 s), a passes: removed from the merge queue',
			state: 'ready',
		}),
		event({type: 'task_claimed', task: 'b', agent: 'agent:doc:001', text: 'document', state: 'leased'}),
		event({type: 'task_merged', task: 'b', at: 9000, state: 'merged'}),
	]);
	expect(facts).toEqual({
		tasks: 2,
		planned: ['f'],
		merged: 2,
		failed: 0,
		questions: 1,
		crashes: ['b'],
		changes: ['a'],
		audited: ['b'],
		conflicts: ['a'],
		resolved: ['a'],
		removed: ['b'],
		documented: ['b'],
		sideBySide: 2,
		tookMs: 8000,
		isRunning: false,
	});
});

test('says it in words, and what is missing', () => {
	const record = [event({type: 'task_submitted', at: 1000}), event({type: 'task_merged', at: 3500})];
	const over = factLines(readFacts(status([task('a', 'merged', 3500)]), record), ['abc1234 Say hello']);
	expect(over[0]).toBe('The demo has finished: 1 task merged in 2.5 s.');
	expect(over.at(-1)).toBe('  abc1234 Say hello');
	const early = factLines(readFacts(status([task('a', 'merged', 3500), task('b', 'failed', 0), task('c', 'ready', 0)]), []), []);
	expect(early[0]).toBe('The demo has not finished: 1 of 3 tasks merged, 1 failed.');
});
