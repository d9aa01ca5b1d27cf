import {describe, expect, test} from 'vitest';
import {parseAgent} from '../../../source/core/agent/agent.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot, type TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {createMergeQueueMemo} from '../../../source/room/parts/merge-queue.ts';
import {decideMergeQueue} from '../../../source/room/scheduler/decide-merges.ts';
import type {Effect, Local} from '../../../source/room/scheduler/effect.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';

const program = (id: string, role: string, stage: 'test' | 'merge'): PlannedAgent => ({
	...{id, role, stages: [stage], capabilities: [], harness: stage, command: [], finish: 'exit', program: stage, writes: false, prompt: ''},
	...{short: stage, slot: 1, mode: 'headless', permissions: 'edit', account: '', environment: {}},
});
const testers = ['agent:test:001', 'agent:test:002'].map(id => program(id, 'test-orchestrator', 'test'));
const guardian = program('agent:merge:001', 'repository-guardian', 'merge');
const programs = [...testers, guardian];

const snapshot = (tasks: Record<string, Record<string, string>>, control = {}): TeamSnapshot => ({
	...emptySnapshot,
	tasks: new Map(Object.entries(tasks).map(([id, fields], at) => [id, parseTask(id, {createdAt: String(at), ...fields})])),
	control: {...emptySnapshot.control, ...control},
});
const local = (changes: Partial<Local> = {}): Local => ({
	...createMergeQueueMemo(),
	now: 1_000_000,
	serverNow: 1_000_000,
	isConnected: true,
	isRecovering: false,
	pausedHere: new Set(),
	team: programs,
	attempts: new Map(),
	claiming: new Set(),
	handed: new Map(),
	waiting: new Set(),
	begun: new Set(),
	room: 'room:1',
	refusedAt: new Map(),
	restUntil: new Map(),
	notBefore: new Map(),
	hasTestCommand: true,
	mostTesters: 0,
	waitForRemote: new Set(),
	isLeading: true,
	isTeam: false,
	restsElsewhere: new Map(),
	isBuiltElsewhere: false,
	baseHead: 'base',
	isBaseJudged: true,
	hasBasePassed: true,
	isHeadHere: true,
	isTailHere: true,
	timeoutMs: 60_000,
	stallMs: 5000,
	...changes,
});
const told = (effects: readonly Effect[]): readonly string[] =>
	effects.map(effect =>
		[effect.type, 'agent' in effect ? effect.agent : '', 'task' in effect ? effect.task : ''].filter(Boolean).join(' '),
	);
const decided = (tasks: Record<string, Record<string, string>>, changes: Partial<Local> = {}, control = {}): readonly string[] =>
	told(decideMergeQueue(snapshot(tasks, control), local(changes), programs));

const waits = {stage: 'test', state: 'ready', role: 'test-orchestrator'};
const testing = (candidateBase: string, candidate: string) => ({...waits, state: 'leased', token: '1:a', candidate, candidateBase});
const failed = (candidateBase: string, candidate: string) => ({...waits, candidate, candidateBase, failedCandidate: candidate});
const passed = (candidateBase: string, candidate: string) => ({
	...{stage: 'merge', state: 'ready', role: 'repository-guardian', candidate, candidateBase, testedCommit: candidate},
});
const running = (task: string): Partial<Local> => ({
	attempts: new Map([
		[testers[0]?.id ?? '', {task, token: '1:a', startedAt: 0, outputAt: 0, isPaused: false, wasSeen: true, isEnding: false}],
	]),
});

describe('the train', () => {
	test('sets every free test orchestrator to a task of its own, in their order, and the guardian to the head', () => {
		expect(decided({h: passed('base', 'c-h'), a: waits, b: waits, c: waits})).toEqual([
			'claim agent:test:001 a',
			'claim agent:test:002 b',
			'claim agent:merge:001 h',
		]);
	});

	test('grows to four runs for each of them, and no further; a batch is one run', () => {
		const chain = (tokenOf: (at: number) => number) =>
			Object.fromEntries(
				Array.from({length: 8}, (_, at) => [`t-${at}`, {...testing(at ? `c-${at - 1}` : 'base', `c-${at}`), token: `${tokenOf(at)}:a`}]),
			);
		const entries = chain(at => at);
		expect(decided({...chain(at => Math.floor(at / 2)), next: waits})).toEqual(['claim agent:test:001 next']);
		expect(decided({...entries, next: waits})).toEqual([]);
		expect(decided({...entries, next: waits}, {team: [...programs, program('agent:test:003', 'test-orchestrator', 'test')]})).toEqual([
			'claim agent:test:001 next',
		]);
	});

	test('adds a test runner of `count: auto` for a test that none is free for, up to its limit, and lets the last go when it was long idle', () => {
		const busy = {a: testing('base', 'c-a'), b: testing('c-a', 'c-b')};
		const scaling = (tasks: Record<string, Record<string, string>>, changes: Partial<Local>, idleAt = 1_000_000): readonly string[] => {
			const agents = new Map(testers.map(({id}) => [id, parseAgent(id, {status: 'idle', statusAt: String(idleAt)})]));
			const free = tasks.a === undefined ? programs : [guardian];
			return told(decideMergeQueue({...snapshot(tasks), agents}, local({mostTesters: 3, ...changes}), free));
		};
		expect(scaling({...busy, next: waits}, {})).toEqual(['add-tester']);
		expect(scaling({...busy, next: waits}, {mostTesters: 2})).toEqual([]);
		expect(scaling({...busy, next: waits}, {mostTesters: 0})).toEqual([]);
		expect(scaling(busy, {})).toEqual([]);
		// The one that was just added is not in the record yet.
		expect(scaling({...busy, next: waits}, {team: [...programs, program('agent:test:003', 'test-orchestrator', 'test')]})).toEqual([]);
		expect(scaling({next: waits}, {})).toEqual(['claim agent:test:001 next']);

		expect(scaling({}, {serverNow: 1_600_001})).toEqual(['remove-tester agent:test:002']);
		expect(scaling({}, {serverNow: 1_600_000})).toEqual([]);
		expect(scaling({}, {serverNow: 1_600_001, mostTesters: 0})).toEqual([]);
		expect(scaling({}, {serverNow: 1_600_001, team: [testers[0] ?? guardian, guardian]})).toEqual([]);
	});

	test('lands the head alone: what has passed behind it goes along, and what waits for the head waits', () => {
		expect(decided({a: testing('base', 'c-a'), b: passed('c-a', 'c-b')})).toEqual([]);
		expect(decided({a: passed('base', 'c-a')}, {notBefore: new Map([['a', 1_000_001]])})).toEqual([]);
	});

	test('begins again what stands on something that is gone: running tests here, passed ones everywhere', () => {
		const tasks = {a: testing('old', 'c-a'), b: passed('c-a', 'c-b')};
		expect(decided(tasks, running('a'))).toEqual(['restart agent:test:001 a', 'recall b']);
		expect(decided(tasks)).toEqual(['recall b']);
	});

	test('counts a candidate that was built here and is not in the record yet', () => {
		const built = new Map([['a', {token: '1:a', candidate: 'c-a', candidateBase: 'base'}]]);
		expect(decided({a: {...waits, state: 'leased', token: '1:a'}, b: passed('c-a', 'c-b')}, {built})).toEqual([]);
		expect(decided({a: {...waits, state: 'leased', token: '2:b'}, b: passed('c-a', 'c-b')}, {built})).toEqual(['recall b']);
	});

	test('decides a failure as soon as its predecessor has passed, and the head’s by the base', () => {
		const tasks = {a: passed('base', 'c-a'), b: failed('c-a', 'c-b'), c: failed('c-b', 'c-c')};
		expect(decided(tasks)).toEqual(['claim agent:test:001 b', 'claim agent:merge:001 a']);
		expect(decided({a: testing('base', 'c-a'), b: failed('c-a', 'c-b')})).toEqual([]);
	});

	test('leaves out what conflicts with a car ahead while that one is there', () => {
		const behind = new Map([['b', {task: 'a', candidate: 'c-a'}]]);
		const tasks = {a: testing('base', 'c-a'), b: waits, c: waits};
		expect(decided(tasks, {conflictsWith: behind})).toEqual(['claim agent:test:001 c']);
		expect(decided({b: waits}, {conflictsWith: behind})).toEqual(['claim agent:test:001 b']);
	});

	test('goes on without a head for which a person’s files are in the way, once somebody would gain by it', () => {
		const blockedByChanges = new Map([['a', {files: ['x'], base: 'base', reason: 'x'}]]);
		const rests = {blockedByChanges, notBefore: new Map([['a', 2_000_000]])};
		expect(decided({a: passed('base', 'c-a')}, rests)).toEqual([]);
		expect(decided({a: passed('base', 'c-a'), b: waits}, rests)).toContain('recall a');
		expect(decided({a: waits, b: waits}, rests)).toEqual(['claim agent:test:001 b']);
	});

	test('waits for cars of another room, on which nothing can be built here', () => {
		expect(decided({a: testing('base', 'c-a'), b: waits}, {isTailHere: false})).toEqual([]);
		expect(decided({b: waits}, {isTailHere: false})).toEqual(['claim agent:test:001 b']);
	});

	test('builds again what no room can land any more: its candidate was in the clone of a room that is gone', () => {
		const there = (status: string) => {
			const agents = new Map([['agent:test:101', parseAgent('agent:test:101', {room: 'room:2', role: 'test-orchestrator', status})]]);
			return {...snapshot({a: passed('base', 'c-a'), b: waits}), agents};
		};
		const away = local({isHeadHere: false, isTailHere: false});
		const effects = (status: string) => decideMergeQueue(there(status), away, programs);
		expect(effects('idle')).toEqual([]);
		for (const status of ['unreachable', 'stopped'])
			expect(effects(status)).toEqual([
				{type: 'recall', task: 'a', candidate: 'c-a', reason: expect.stringContaining('its merge candidate is gone')},
			]);
	});

	test.each(['paused', 'frozen'])('tests and lands nothing while all is %s', order => {
		expect(decided({a: passed('base', 'c-a'), b: waits}, {}, {[order]: true})).toEqual([]);
	});
});

describe('a red base', () => {
	test('has one car at a time, each task once', () => {
		const failingBase = {failingBase: 'base'};
		const triedOnFailingBase = new Map([['a', {base: 'base', commit: ''}]]);
		expect(decided({a: waits, b: waits, c: waits}, {triedOnFailingBase}, failingBase)).toEqual(['claim agent:test:001 b']);
		expect(decided({b: {...waits, state: 'leased'}, c: waits}, {triedOnFailingBase}, failingBase)).toEqual([]);
		expect(decided({a: waits}, {triedOnFailingBase}, failingBase)).toEqual([]);
		// Its author has mended it since.
		expect(decided({a: {...waits, commit: 'new'}}, {triedOnFailingBase}, failingBase)).toEqual(['claim agent:test:001 a']);
	});

	test('is over when the base has moved', () => {
		expect(decided({a: waits}, {triedOnFailingBase: new Map([['a', {base: 'old', commit: ''}]])}, {failingBase: 'old'})).toEqual([
			'clear-red',
			'claim agent:test:001 a',
		]);
	});

	test('and no test command at all: nothing for a while, then one looks', () => {
		expect(decided({a: waits, b: waits}, {missingUntil: 2_000_000})).toEqual([]);
		expect(decided({a: waits, b: waits}, {missingUntil: 999_999})).toEqual(['claim agent:test:001 a']);
	});
});

describe('a team of several rooms', () => {
	const elsewhere = (fields: Record<string, string> = {}): TeamSnapshot['agents'] =>
		new Map([['agent:test:009', parseAgent('agent:test:009', {role: 'test-orchestrator', room: 'room:2', status: 'idle', ...fields})]]);
	const inTeam = (
		tasks: Record<string, Record<string, string>>,
		{changes = {}, agents = elsewhere(), free = [] as readonly PlannedAgent[]} = {},
	): readonly string[] => told(decideMergeQueue({...snapshot(tasks), agents}, local({isTeam: true, ...changes}), free));

	test('leaves what is tested and merged to the room that leads', () => {
		const changes = {isLeading: false};
		expect(inTeam({h: passed('base', 'c-h'), a: waits}, {changes, free: programs})).toEqual([]);
	});

	test('tests in other rooms too, one after the other: each candidate is built on the one before', () => {
		expect(inTeam({a: waits, b: waits})).toEqual(['hand agent:test:009 a']);
		expect(inTeam({a: {...waits, state: 'leased', token: '1:a'}, b: waits})).toEqual([]);
		expect(inTeam({a: testing('base', 'c-a'), b: waits})).toEqual(['hand agent:test:009 b']);
		expect(inTeam({a: waits, b: waits}, {free: programs.slice(0, 1)})).toEqual(['claim agent:test:001 a']);
	});

	test('hands nothing to a room that is paused, gone, or brought no candidate of the last one', () => {
		const not: readonly Record<string, string>[] = [{paused: '1'}, {status: 'unreachable'}, {status: 'working', token: '1:x'}];
		for (const fields of not) expect(inTeam({a: waits}, {agents: elsewhere(fields)})).toEqual([]);
		expect(inTeam({a: waits}, {changes: {restsElsewhere: new Map([['room:2', 1_000_001]])}})).toEqual([]);
		expect(inTeam({a: waits}, {changes: {isTeam: false}})).toEqual([]);
	});

	test('waits a moment for the candidate that another room builds, here and elsewhere', () => {
		expect(inTeam({a: waits, b: waits}, {changes: {isBuiltElsewhere: true}, free: programs})).toEqual([]);
	});

	test('takes back a test of another room that stands on what is gone', () => {
		const gone = {...testing('gone', 'c-a'), owner: 'agent:test:009'};
		expect(inTeam({a: gone}, {agents: elsewhere({status: 'working', token: '1:a'})})).toEqual(['take-back a']);
	});
});
