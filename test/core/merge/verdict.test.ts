import {expect, test} from 'vitest';
import {parseAgent} from '../../../source/core/agent/agent.ts';
import {type ChangeFacts, type PredictedConflict, riskOf} from '../../../source/core/change/change.ts';
import {filesWithMarkers, type PatchFile, readHunkLists} from '../../../source/core/change/diff.ts';
import {mergeCheck} from '../../../source/core/merge/verdict.ts';
import {whyInMergeQueue} from '../../../source/core/queue/merge-queue.ts';
import type {ReviewRound} from '../../../source/core/review/round.ts';
import {parseTask, type Task} from '../../../source/core/task/task.ts';
import {emptySnapshot, type TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {change} from '../../ui/fixtures/change.ts';

const NOW = 1_000_000;
const BASE = {base: 'main', baseCommit: 'aaaaaaaa'};

const task = (fields: Readonly<Record<string, string>> = {}): Task =>
	parseTask('t-1', {
		title: 'Totals',
		state: 'ready',
		stage: 'merge',
		commit: 'cccccccc',
		reviewedCommit: 'cccccccc',
		reviewer: 'agent:rev:001',
		...fields,
	});
const passed = {candidate: 'dddddddd', testedCommit: 'dddddddd', candidateBase: 'aaaaaaaa', testExit: '0', testMs: '58000'};

const clean: ChangeFacts = {
	base: 'aaaaaaaa',
	commit: 'cccccccc',
	files: 3,
	added: 96,
	removed: 16,
	behind: 0,
	conflicts: [],
	paths: ['src/cart/total.ts', 'src/cart/types.ts', 'test/cart.ts'],
	outside: [],
	dependencies: [],
	migrations: [],
	marked: [],
	secrets: [],
	unsearched: [],
	runs: [],
	pipelines: [],
	configures: [],
	lastRound: undefined,
	comments: [],
	isReviewed: true,
	holds: ['secrets'],
};

type Parts = {
	readonly facts?: Partial<ChangeFacts> | 'unknown';
	readonly others?: readonly Task[];
	readonly team?: Partial<TeamSnapshot>;
	readonly conflicts?: readonly PredictedConflict[];
	readonly hasTestCommand?: boolean;
};
const check = (about: Task, {facts = {}, others = [], team = {}, conflicts = [], hasTestCommand = true}: Parts = {}) => {
	const answer = mergeCheck({
		task: about,
		facts: facts === 'unknown' ? undefined : {...clean, ...facts},
		team: {...emptySnapshot, tasks: new Map([about, ...others].map(one => [one.id, one])), ...team},
		room: {hasTestCommand, repository: BASE, conflicts},
		now: NOW,
	});
	return {...answer, of: Object.fromEntries(answer.checks.map(({name, state, text}) => [name, `${state}: ${text}`]))};
};

test('what passed its tests on the base as it is, with all six checks good, is safe', () => {
	const {verdict, reason, of, risk} = check(task(passed));
	expect([verdict, reason]).toEqual(['SAFE', 'all six checks pass']);
	expect(of).toEqual({
		tests: 'good: passed in 58s on ddddddd, merged with main',
		review: 'good: rev-1 approved ccccccc',
		conflicts: 'good: none with main@aaaaaaa',
		base: 'good: merge candidate is based on main@aaaaaaa',
		scope: 'good: 3 files; no path limits',
		secrets: 'good: none found',
	});
	expect(risk).toEqual({level: 'LOW', text: '+96 -16, no migrations, no dependencies'});
});

test('nothing is safe that git was not asked about, that waits behind others, or whose base has moved', () => {
	expect(check(task(passed), {facts: 'unknown'}).verdict).toBe('NOT YET');
	const head = parseTask('t-0', {state: 'leased', stage: 'test', candidate: 'bbbbbbbb', candidateBase: 'aaaaaaaa'});
	const behind = task({...passed, candidateBase: 'bbbbbbbb'});
	expect(check(behind, {others: [head]})).toMatchObject({verdict: 'NOT YET', reason: expect.stringContaining('behind t-0')});
	const passedHead = parseTask('t-0', {
		state: 'ready',
		stage: 'merge',
		candidate: 'bbbbbbbb',
		testedCommit: 'bbbbbbbb',
		candidateBase: 'aaaaaaaa',
	});
	expect(check(behind, {others: [passedHead]}).verdict).toBe('SAFE');
	expect(check(task({...passed, candidateBase: 'eeeeeeee'}))).toMatchObject({
		verdict: 'NOT YET',
		reason: expect.stringContaining('has changed'),
	});
	expect(check(task({...passed, waitReason: 'your uncommitted changes are in the way'}))).toMatchObject({
		verdict: 'NOT YET',
		reason: 'your uncommitted changes are in the way',
	});
});

test('the first reason is what must come first: the review before the tests, both before the rest', () => {
	const lastRound: ReviewRound = {
		...({round: 1, at: 1, stage: 'review', reviewer: 'agent:rev:001', commit: 'cccccccc', verdict: 'changes', text: ''} as const),
		comments: [
			{file: 'a.ts', line: 1, severity: 'must-fix', text: 'x'},
			{file: 'a.ts', line: 2, severity: 'nit', text: 'y'},
		],
	};
	const back = task({stage: 'develop', reviewedCommit: '', testExit: '1', testMs: '900'});
	expect(check(back, {facts: {lastRound, conflicts: ['a.ts']}})).toMatchObject({
		verdict: 'NOT YET',
		reason: 'review: rev-1 requested changes: 1 must-fix, 1 nit open',
		of: {tests: 'bad: failed (exit 1) after 0.9s', conflicts: 'bad: with main@aaaaaaa in a.ts'},
	});
	expect(check(back, {facts: {conflicts: ['a.ts']}}).reason).toBe('tests: failed (exit 1) after 0.9s');
	const again = task({stage: 'review', state: 'leased', owner: 'agent:rev:002', reviewedCommit: ''});
	expect(check(again, {facts: {lastRound}})).toMatchObject({verdict: 'NOT YET', of: {review: 'runs: rev-2 reviews ccccccc'}});
	expect(check(task({...passed, reviewedCommit: 'ffffffff'})).reason).toBe('review: approval outdated: approved fffffff, now at ccccccc');
	expect(check(task({...passed, reviewedCommit: ''}), {facts: {isReviewed: false}}).verdict).toBe('SAFE');
});

test('tests and a landing that are at it say so, and what speaks against it', () => {
	const agents = new Map([['agent:test:001', {...parseAgent('agent:test:001', {}), statusAt: NOW - 64_000}]]);
	const testing = task({...passed, stage: 'test', state: 'leased', owner: 'agent:test:001', testExit: ''});
	expect(check(testing, {team: {agents}})).toMatchObject({
		verdict: 'RUNNING',
		reason: 'tests: running for 1m on ddddddd, merged with main',
	});
	expect(check(task({...passed, state: 'leased'})).verdict).toBe('RUNNING');
	const building = task({stage: 'test', state: 'leased', owner: 'agent:test:001'});
	expect(check(building)).toMatchObject({verdict: 'RUNNING', reason: 'tests: building the merge with main'});
	const others = [
		parseTask('t-0', {state: 'leased', stage: 'test', owner: 'agent:test:002', candidate: 'bbbbbbbb', candidateBase: 'aaaaaaaa'}),
	];
	expect(
		whyInMergeQueue(
			building,
			{...emptySnapshot, tasks: new Map([...others, building].map(one => [one.id, one]))},
			{name: 'main', head: 'aaaaaaaa'},
			NOW,
		),
	).toBe('building its merge candidate');
	const secrets = [{file: 'a.ts', line: 3, kind: 'AWS key'}];
	expect(check(task({...passed, state: 'leased'}), {facts: {secrets}}).reason).toBe('merging now, but secrets: possible AWS key in a.ts:3');
});

test('a secret, a red base, a missing test command and a conflict keep it from being called safe; a warning does not', () => {
	expect(check(task(passed), {facts: {secrets: [{file: 'a.ts', line: 3, kind: 'GitHub token'}]}})).toMatchObject({
		verdict: 'NOT YET',
		reason: 'secrets: possible GitHub token in a.ts:3',
		risk: {level: 'HIGH'},
	});
	const control = {...emptySnapshot.control, failingBase: 'aaaaaaaa', failingWhy: 'npm test fails there too'};
	expect(check(task(passed), {team: {control}}).reason).toBe('base: main fails its tests at aaaaaaa: npm test fails there too');
	expect(check(task(passed), {hasTestCommand: false}).reason).toBe('tests: no test command: set `test:` in agent-room.yaml');
	expect(check(task({...passed, conflictWith: 'bbbbbbbbbb'})).verdict).toBe('NOT YET');
	const outside = ['package.json'];
	const warned = check(task({...passed, paths: 'src/**'}), {facts: {outside, dependencies: outside}});
	expect(warned).toMatchObject({
		verdict: 'SAFE',
		reason: 'warning: scope',
		risk: {level: 'MEDIUM', text: '+96 -16, no migrations, dependencies (package.json)'},
	});
	expect(warned.of.scope).toBe('warn: 1 file of 3 outside its paths: package.json');
	const conflicts = [{tasks: ['t-1', 't-5'], files: ['x.ts'], since: 1}] as const;
	expect(check(task(passed), {conflicts}).of.conflicts).toBe(
		'warn: none with main@aaaaaaa; with t-5 in x.ts: the second to merge resolves',
	);
	const locks = new Map([['path:src/**', {name: 'path:src/**', owner: 'agent:dev:002 4:x', until: 0, takenAt: 0}]]);
	expect(check(task(passed), {team: {locks}}).of.scope).toBe('warn: 3 files; src/** is locked by dev-2');
});

test('a task that is over, or that changes nothing yet, says so', () => {
	expect(check(task({...passed, state: 'merged', mergedCommit: 'eeeeeeeeee'}))).toMatchObject({verdict: 'MERGED', reason: 'as eeeeeee'});
	expect(check(task({state: 'failed', reason: 'tests fail'})).reason).toContain('failed');
	const begun = parseTask('t-1', {state: 'leased', stage: 'develop', owner: 'agent:dev:001'});
	expect(check(begun, {facts: {commit: '', files: 0}})).toMatchObject({
		verdict: 'NOT YET',
		reason: 'dev-1 works on it',
		risk: undefined,
		of: {review: 'waits: not submitted', secrets: 'waits: no commits yet'},
	});
});

test('hostile names come as one line', () => {
	const secrets = [{file: 'a\u001b[31m\n\u202eb', line: 3, kind: 'npm token'}];
	const outside = ['x\ny', ...Array.from({length: 9}, (_, at) => String(at))];
	const {of} = check(task({...passed, paths: 'src/**'}), {facts: {secrets, outside, conflicts: ['c\u0007']}});
	for (const text of Object.values(of)) expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
	expect(of.scope).toBe('warn: 10 files of 3 outside its paths: x y, 0, 8 more');
});

test('conflict markers in a change are a high risk and named, and a heading of equals signs is none', () => {
	const of = (...added: readonly string[]) => {
		const [hunks = []] = readHunkLists(`diff --git a/x b/x\n@@ -1,0 +1,${added.length} @@\n${added.map(line => `+${line}\n`).join('')}`);
		return filesWithMarkers({files: [{...change.files[0], path: 'a.ts', hunks} as PatchFile]});
	};
	expect(of('<<<<<<< HEAD', 'one', '=======', 'two', '>>>>>>> agent/t-2-a1')).toEqual(['a.ts']);
	expect(of('Title', '=======')).toEqual([]);
	expect(riskOf({...clean, marked: ['a.ts']})).toMatchObject({level: 'HIGH', text: expect.stringContaining('conflict markers (a.ts)')});
	expect(riskOf(clean).level).toBe('LOW');
});
