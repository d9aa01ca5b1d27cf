import {expect, test} from 'vitest';
import {agentId, agentName, parseAgent, parseAgentId} from '../../source/core/agent.ts';
import {nextStage, type Standing} from '../../source/core/pipeline.ts';
import {emptySnapshot, type TeamSnapshot} from '../../source/core/snapshot.ts';
import {parseTask, priorityBadge, type Stage} from '../../source/core/task.ts';
import {formatAge, whyNotRunning} from '../../source/core/why.ts';

const team = (tasks: Record<string, Record<string, string>>, agents: Record<string, Record<string, string>> = {}): TeamSnapshot => ({
	...emptySnapshot,
	tasks: new Map(Object.entries(tasks).map(([id, fields]) => [id, parseTask(id, fields)])),
	agents: new Map(Object.entries(agents).map(([id, fields]) => [id, parseAgent(id, fields)])),
});
const why = (
	fields: Record<string, string>,
	others: Record<string, Record<string, string>> = {},
	agents: Record<string, Record<string, string>> = {},
): string => whyNotRunning(parseTask('t-9', fields), team({...others, 't-9': fields}, agents), 10_000);
const develop = {stage: 'develop', role: 'developer'};

test.each([
	[
		'names what it waits for',
		{...develop, state: 'blocked', after: 't-1,t-2'},
		{'t-1': {state: 'merged'}, 't-2': {state: 'leased'}},
		{},
		'waits for t-2 to be merged',
	],
	[
		'names a dependency that died',
		{...develop, state: 'blocked', after: 't-1'},
		{'t-1': {state: 'dead'}},
		{},
		'waits for t-1, which is dead',
	],
	[
		'takes a dependency that is not known as merged where it waits for no more than those that are known',
		{...develop, state: 'blocked', after: 't-0,t-1', waits: '1'},
		{'t-1': {state: 'ready'}},
		{},
		'waits for t-1 to be merged',
	],
	[
		'names a dependency that is not known where it waits for more',
		{...develop, state: 'blocked', after: 't-0,t-1', waits: '2'},
		{'t-1': {state: 'ready'}},
		{},
		'waits for t-0, t-1 to be merged',
	],
	[
		'names the task whose landing a test waits for',
		{stage: 'test', role: 'test-orchestrator', state: 'ready'},
		{'t-1': {stage: 'merge', state: 'ready'}},
		{a: {role: 'test-orchestrator', status: 'idle'}},
		'waits for t-1, which is about to land',
	],
	[
		'counts down a delay with its reason',
		{...develop, state: 'delayed', readyAt: '15000', reason: 'exit 1'},
		{},
		{},
		'again in 5s: exit 1',
	],
	['says that nobody has the role', {...develop, state: 'ready'}, {}, {}, 'no developer in the team'],
	[
		'says that nobody can do it',
		{...develop, state: 'ready', needs: 'go'},
		{},
		{'agent:dev:001': {role: 'developer'}},
		'no developer can do go',
	],
	[
		'says that all are busy',
		{...develop, state: 'ready'},
		{},
		{'agent:dev:001': {role: 'developer', status: 'working'}},
		'no free developer',
	],
	['says ready when one is free', {...develop, state: 'ready'}, {}, {'agent:dev:001': {role: 'developer', status: 'idle'}}, 'ready'],
	['shows a held landing', {stage: 'merge', state: 'ready', hold: 'landing waits: local changes'}, {}, {}, 'landing waits: local changes'],
	['shows a reservation', {...develop, state: 'ready', assigned: 'agent:dev:002'}, {}, {}, 'reserved for dev-2'],
	['has nothing to say of a running one', {...develop, state: 'leased'}, {}, {}, ''],
] as const)('%s', (_name, fields, others, agents, expected) => {
	expect(why({...fields}, others as Record<string, Record<string, string>>, agents as Record<string, Record<string, string>>)).toBe(
		expected,
	);
});

test('a reviewer that is the author does not count as free', () => {
	expect(
		why(
			{stage: 'review', role: 'code-sentinel', state: 'ready', author: 'agent:rev:001'},
			{},
			{'agent:rev:001': {role: 'code-sentinel', status: 'idle'}},
		),
	).toBe('its only code-sentinel is the author');
});

test('a lock over what a task will touch keeps it waiting, and is named with its holder', () => {
	const locks = (name: string, owner: string): TeamSnapshot['locks'] => new Map([[name, {name, owner, until: 99_000, takenAt: 4000}]]);
	const ready = {...develop, state: 'ready', paths: 'docs/**,src/db/schema.sql'};
	const idle = {'agent:dev:001': {role: 'developer', status: 'idle'}, 'agent:dev:002': {role: 'developer', status: 'working', task: 'x'}};
	const whyLocked = (name: string, more: Record<string, string> = {}, agents = idle): string =>
		whyNotRunning(parseTask('t-9', {...ready, ...more}), {...team({}, agents), locks: locks(name, 'agent:dev:002 7:x')}, 184_000);
	expect(whyLocked('path:src/db/**')).toBe('lock src/db/** held by dev-2 for 3m');
	expect(whyLocked('path:src/ui/**')).toBe('ready');
	expect(whyLocked('repository:main')).toBe('ready');
	expect(whyLocked('path:docs', {assigned: 'agent:dev:002', assignedRole: 'developer'})).toBe('reserved for dev-2, which works on x');
	expect(whyLocked('path:docs', {role: 'writer'})).toBe('no writer in the team');
	expect(whyLocked('path:docs', {state: 'leased'})).toBe('');
});

test('ages read in the largest unit', () => {
	expect([0, 59_999, 60_000, 3_600_000, 90_000_000].map(formatAge)).toEqual(['0s', '59s', '1m', '1h', '1d']);
});

test('agents are named as people type them', () => {
	expect(agentId('dev', 1)).toBe('agent:dev:001');
	expect(agentName('agent:dev:001')).toBe('dev-1');
	expect(['dev-1', 'dev:001', 'agent:dev:001', 'DEV'.toLowerCase()].map(parseAgentId)).toEqual([
		'agent:dev:001',
		'agent:dev:001',
		'agent:dev:001',
		'agent:dev',
	]);
});

test('the pipeline skips the review where it is off and sends failures back to the developer', () => {
	const ways = {review: true, hasResolver: false};
	const at = (stage: Stage, given: Partial<Standing> = {}): Standing => ({stage, home: 'develop', audit: false, ...given});
	expect(nextStage(at('develop'), 'done', ways)).toBe('review');
	expect(nextStage(at('develop'), 'done', {...ways, review: false})).toBe('test');
	expect(nextStage(at('test'), 'failed', ways)).toBe('develop');
	expect(nextStage(at('merge'), 'done', ways)).toBe('merged');
	expect(nextStage(at('develop'), 'failed', ways)).toBeUndefined();
});

test('badges follow the priority', () => {
	expect([100, 90, 70, 40, 39].map(priorityBadge)).toEqual(['P0', 'P0', 'P1', 'P2', 'P3']);
});
