import {expect, test} from 'vitest';
import {parseAgent} from '../../../source/core/agent/agent.ts';
import {parseFeature} from '../../../source/core/plan/feature.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';
import {countTasks} from '../../../source/core/team/window.ts';
import {isEmpty, tally, tellStuck} from '../../../source/room/lifecycle/until-empty.ts';

const team = (given: Record<string, Record<string, string>>) => {
	const tasks = new Map(Object.entries(given).map(([id, fields]) => [id, parseTask(id, fields)]));
	return {...emptySnapshot, tasks, counts: countTasks(tasks.values())};
};

test('a queue is empty when every task is finished', () => {
	expect(isEmpty(team({a: {state: 'merged'}, b: {state: 'failed'}}))).toBe(true);
	expect(isEmpty(team({a: {state: 'merged'}, b: {state: 'delayed'}}))).toBe(false);
});

test('a task that waits for a dead one will never run, nor what waits for it', () => {
	expect(isEmpty(team({a: {state: 'failed'}, b: {state: 'blocked', after: 'a'}, c: {state: 'blocked', after: 'b'}}))).toBe(true);
	expect(isEmpty(team({a: {state: 'leased'}, b: {state: 'blocked', after: 'a'}}))).toBe(false);
});

test('two tasks that wait for each other do not hang the question', () => {
	expect(isEmpty(team({a: {state: 'blocked', after: 'b'}, b: {state: 'blocked', after: 'a'}}))).toBe(false);
});

test('what the room does not know by heart may move, unless it only waits', () => {
	const known = team({a: {state: 'failed'}, b: {state: 'blocked', after: 'a'}});
	for (const state of ['ready', 'delayed', 'leased'] as const)
		expect(isEmpty({...known, counts: {...known.counts, [state]: 1}})).toBe(false);
	expect(isEmpty({...known, counts: {...known.counts, blocked: 99_000}})).toBe(true);
	expect(tally({...known, counts: {...known.counts, blocked: 99_000}}).open).toBe(99_000);
});

test('a task that asks a person does not hold the end, nor what waits for it, by its id or by its feature', () => {
	const decision = {state: 'blocked', stage: 'plan', feature: 'login', decision: 'plan', waitReason: 'the plan needs your approval'};
	const left = team({login: decision, after: {state: 'blocked', after: 'login', waits: '1'}});
	expect(isEmpty(left)).toBe(true);
	// While its clock runs somebody may answer it.
	expect(isEmpty(left, new Map(), true)).toBe(false);
	expect(tellStuck(left)).toBe('login (the plan needs your approval), after (blocked by login)');
});

test('what waits for a feature is stuck once a part of it was given up and no other goes on', () => {
	const feature = (open: string, failed: string) => new Map([['login', parseFeature('login', {total: '2', open, failed})]]);
	const waiting = {state: 'blocked', after: 'login', waits: '1'};
	const planned = {state: 'planned', stage: 'plan', feature: 'login'};
	const given = team({login: planned, a: {state: 'failed', feature: 'login'}, after: waiting});
	expect(isEmpty({...given, features: feature('0', '1')})).toBe(true);
	expect(isEmpty({...given, features: feature('1', '1')})).toBe(false);
	expect(isEmpty({...given, features: feature('0', '0')})).toBe(false);
	const stuck = team({a: {state: 'failed', feature: 'login'}, b: {state: 'blocked', after: 'a', feature: 'login'}, after: waiting});
	expect(isEmpty({...stuck, features: feature('1', '1')})).toBe(true);
});

test('the tally counts by state', () => {
	expect(tally(team({a: {state: 'merged'}, b: {state: 'failed'}, c: {state: 'ready'}, d: {state: 'cancelled'}}))).toEqual({
		merged: 1,
		failed: 1,
		cancelled: 1,
		open: 1,
	});
});

test('a task that nobody in the team can take does not hold the end, and is named with its reason', () => {
	const developer = new Map([['agent:dev:001', parseAgent('agent:dev:001', {role: 'developer', capabilities: 'go'})]]);
	const ready = {state: 'ready', stage: 'develop', role: 'developer'};
	const stuck = {...team({a: {...ready, needs: 'rust'}, b: {state: 'blocked', after: 'a'}}), agents: developer};
	expect(isEmpty(stuck)).toBe(true);
	expect(tellStuck(stuck)).toBe('a (no developer has the capability rust), b (blocked by a)');
	expect(isEmpty({...team({a: {...ready, needs: 'go'}}), agents: developer})).toBe(false);
});

test('a task that was started in vain too often is given up, with the reason', () => {
	const developer = new Map([['agent:dev:001', parseAgent('agent:dev:001', {role: 'developer'})]]);
	const left = {...team({a: {state: 'ready', stage: 'develop', role: 'developer'}}), agents: developer};
	const hopeless = new Map([['a', '`setup` failed']]);
	expect(isEmpty(left)).toBe(false);
	expect(isEmpty(left, hopeless)).toBe(true);
	expect(tellStuck(left, hopeless)).toBe('a (`setup` failed)');
});
