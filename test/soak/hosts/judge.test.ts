import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {type HostsEvidence, judgeHosts} from './judge.ts';

let entries = 0;
const entry = (type: string, task: string, ...more: readonly string[]): readonly string[] => [
	`${++entries}-0`,
	'type',
	type,
	'task',
	task,
	...more,
];
const ran = (task: string, token: string): readonly (readonly string[])[] => [
	entry('task_submitted', task, 't:stage', 'develop'),
	entry('task_claimed', task, 'agent', 'dev', 't:token', `${token}1`),
	entry('task_completed', task, 't:stage', 'review', 't:commit', 'c'),
	entry('task_claimed', task, 'agent', 'rev', 't:token', `${token}2`),
	entry('task_completed', task, 't:stage', 'merge'),
	entry('task_claimed', task, 'agent', 'mer', 't:token', `${token}3`),
	entry('task_merged', task),
];
const stream = [...ran('a', 'x'), ...ran('b', 'y')];
const GOOD: HostsEvidence = {
	submitted: ['a', 'b'],
	stream,
	added: stream.length,
	missed: '',
	merges: [
		{commit: '1', tasks: ['a']},
		{commit: '2', tasks: ['b']},
	],
	stood: ['1', '2'],
	tested: new Set(['1', '2']),
	files: new Map([
		['a.txt', 'done a\n'],
		['b.txt', 'done b\n'],
	]),
	clones: [{name: 'host 1', head: '2', status: ''}],
	fsck: '',
	crashes: [],
};

test('the judge of several hosts passes what is right', () => {
	expect(judgeHosts(GOOD)).toMatchObject({lost: [], twice: [], untested: [], unequal: [], violations: [], counts: {task_merged: 2}});
});

test('of a batch only what the base was at must be tested', () => {
	expect(judgeHosts({...GOOD, stood: ['2'], tested: new Set(['2'])}).violations).toEqual([]);
});

test('a task may be merged in one step with the one before it, under the lease that stands and no other', () => {
	const joining = (token: string) => [
		...stream.slice(0, 6),
		...stream.slice(7, 12),
		entry('task_joined', 'b', 'agent', 'mer', 't:token', token, 'text', 'a'),
		entry('task_merged', 'a'),
		entry('task_merged', 'b'),
	];
	expect(judgeHosts({...GOOD, stream: joining('x3')}).violations).toEqual([]);
	expect(judgeHosts({...GOOD, stream: joining('y3')}).twice).toEqual(['b']);
});

test('after a rebuild nobody holds a task, and what was merged stays merged', () => {
	const rebuilt = (state: string, stage: string) =>
		entry('task_rebuilt', 'a', 't:token', '', 't:state', '', 't:stage', stage, 't:state', state);
	const whole = ran('a', 'z');
	const inMidReview = [
		...whole.slice(0, 4),
		rebuilt('ready', 'review'),
		entry('task_claimed', 'a', 'agent', 'rev', 't:token', 'z4'),
		...whole.slice(4),
	];
	const judged = (rows: readonly (readonly string[])[]) =>
		judgeHosts({...GOOD, stream: [...rows, ...stream.slice(7)], added: rows.length + 7});
	expect(judged(inMidReview).violations).toEqual([]);
	expect(judged([...whole, rebuilt('merged', 'merge')]).violations).toEqual([]);
	expect(judged([...whole, rebuilt('ready', 'test')]).twice).toEqual(['a']);
});

test.each<readonly [string, Partial<HostsEvidence>, object]>([
	['a task of which nothing is known', {submitted: ['a', 'b', 'c']}, {lost: ['c']}],
	['a task that is not on the base', {merges: [{commit: '2', tasks: ['b']}], stood: ['2']}, {lost: ['a']}],
	['a base that went back', {stood: ['1', '3', '2'], tested: new Set(['1', '2', '3'])}, {lost: ['3']}],
	['half of the work', {files: new Map([...GOOD.files, ['a.txt', 'half of a\n']])}, {lost: ['a']}],
	['a task on the base twice', {merges: [...GOOD.merges, {commit: '4', tasks: ['a']}], tested: new Set(['1', '2', '4'])}, {twice: ['a']}],
	['a task that ended twice', {stream: [...stream, entry('task_merged', 'a')], added: stream.length + 1}, {twice: ['a']}],
	['a batch whose tail nobody tested', {stood: ['2'], tested: new Set(['1'])}, {untested: ['2']}],
	['a base that went back to a part of a batch', {stood: ['2', '1']}, {}],
	['a commit that nobody tested', {tested: new Set(['2'])}, {untested: ['1']}],
	['a clone that lags', {clones: [{name: 'host 1', head: '1', status: ''}]}, {unequal: ['host 1']}],
	['a clone with rests', {clones: [{name: 'host 1', head: '2', status: '?? x'}]}, {unequal: ['host 1']}],
	['a room that ended by itself', {crashes: ['host 1 ended with 1']}, {}],
])('it notices %s', (_, broken, found) => {
	const verdict = judgeHosts({...GOOD, ...broken});
	expect(verdict).toMatchObject(found);
	expect(verdict.violations).not.toEqual([]);
});

test('it imports nothing of the room', () => {
	const imports = [...readFileSync(join(import.meta.dirname, 'judge.ts'), 'utf8').matchAll(/from '(.*?)'/g)].map(([, name]) => name);
	expect(imports).toEqual(['../history.ts']);
});
