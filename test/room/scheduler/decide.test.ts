import {describe, expect, test} from 'vitest';
import {parseAgent} from '../../../source/core/agent/agent.ts';
import {parseTask} from '../../../source/core/task/task.ts';
import {emptySnapshot, type TeamSnapshot} from '../../../source/core/team/snapshot.ts';
import {decide} from '../../../source/room/scheduler/decide.ts';
import type {Local, RunningAttempt} from '../../../source/room/scheduler/effect.ts';
import type {PlannedAgent} from '../../../source/room/team/team.ts';

const agent = (id: string, role: string, stages: PlannedAgent['stages'], capabilities: readonly string[] = []): PlannedAgent => ({
	id,
	role,
	stages,
	capabilities,
	harness: 'shell',
	command: ['true'],
	finish: 'exit',
	writes: true,
	mode: 'headless',
	permissions: 'edit',
	account: '',
	short: 'dev',
	slot: 1,
	environment: {},
	prompt: '',
});
const dev1 = agent('agent:dev:001', 'developer', ['develop'], ['go']);
const dev2 = agent('agent:dev:002', 'developer', ['develop']);
const tester = {...agent('agent:test:001', 'test-orchestrator', ['test']), program: 'test'} as const;
const tester2 = {...tester, id: 'agent:test:002'};
const reviewer = agent('agent:rev:001', 'code-sentinel', ['review']);

const snapshot = (tasks: Record<string, Record<string, string>>, agents: Record<string, Record<string, string>> = {}): TeamSnapshot => ({
	...emptySnapshot,
	streamId: '5-0',
	tasks: new Map(Object.entries(tasks).map(([id, fields]) => [id, parseTask(id, fields)])),
	agents: new Map(
		[dev1, dev2, tester, tester2, reviewer].map(planned => [
			planned.id,
			parseAgent(planned.id, {status: 'idle', room: 'room:1', ...agents[planned.id]}),
		]),
	),
});
const local = (changes: Partial<Local> = {}): Local => ({
	now: 1_000_000,
	serverNow: 1_000_000,
	isConnected: true,
	isRecovering: false,
	pausedHere: new Set(),
	team: [dev1, dev2, tester, tester2, reviewer],
	attempts: new Map(),
	claiming: new Set(),
	// Tests of what is watched are not about who asks.
	handed: new Map(),
	waiting: new Set([dev1.id, dev2.id, reviewer.id]),
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
	hasBasePassed: false,
	isHeadHere: true,
	isTailHere: true,
	built: new Map(),
	conflictsWith: new Map(),
	blockedByChanges: new Map(),
	triedOnFailingBase: new Map(),
	missingUntil: 0,
	timeoutMs: 60_000,
	stallMs: 5000,
	...changes,
});
const attempt = (changes: Partial<RunningAttempt> = {}): RunningAttempt => ({
	task: 't-1',
	token: '1:a',
	startedAt: 1_000_000,
	outputAt: 1_000_000,
	isPaused: false,
	wasSeen: true,
	isEnding: false,
	...changes,
});
const ready = (changes: Record<string, string> = {}): Record<string, string> => ({
	state: 'ready',
	stage: 'develop',
	role: 'developer',
	...changes,
});

describe('handing out tasks', () => {
	const due = ready({stage: 'test', role: 'test-orchestrator'});

	test('an idle agent asks once, and is then handed what becomes ready', () => {
		const idle = local({waiting: new Set([dev2.id, reviewer.id])});
		expect(decide(snapshot({}), idle)).toEqual([{type: 'claim', agent: dev1.id}]);
		expect(decide(snapshot({'t-1': ready()}), local())).toEqual([]);
	});

	test.each(['paused', 'stopped', 'crashed'])('an agent that is %s does not ask', status => {
		const rests = local({waiting: new Set(), team: [dev1], restUntil: new Map([[dev1.id, 2_000_000]])});
		expect(decide(snapshot({}, {[dev1.id]: {status, paused: status === 'paused' ? '1' : '0'}}), rests)).toEqual([]);
	});

	test('who was given nothing does not ask again before something has changed, and never in the name of another room’s agent', () => {
		const idle = {waiting: new Set<string>(), team: [dev1]};
		expect(decide(snapshot({}), local({...idle, refusedAt: new Map([[dev1.id, '5-0']])}))).toEqual([]);
		expect(decide(snapshot({}), local({...idle, refusedAt: new Map([[dev1.id, '4-0']])}))).toHaveLength(1);
		expect(decide(snapshot({}, {[dev1.id]: {room: 'room:2'}}), local(idle))).toEqual([]);
	});

	test('what was handed to an agent is begun once', () => {
		const handed = snapshot({'t-1': ready({state: 'leased'})}, {[dev1.id]: {status: 'working', task: 't-1', token: '7:x', room: 'room:1'}});
		expect(decide(handed, local())).toEqual([{type: 'begin', agent: dev1.id, task: 't-1', token: '7:x'}]);
		expect(decide(handed, local({begun: new Set(['7:x'])}))).toEqual([]);
		expect(decide(handed, local({claiming: new Set([dev1.id])}))).toEqual([]);
		expect(decide(handed, local({room: 'room:2'}))).toEqual([]);
		expect(decide(handed, local({restUntil: new Map([[dev1.id, 1_000_001]])}))).toEqual([]);
	});

	test('what came with the last result is begun before the record says so, and nothing else is asked for meanwhile', () => {
		const early = {handed: new Map([[dev1.id, {agent: dev1.id, task: 't-1', token: '7:x'}]]), waiting: new Set<string>(), team: [dev1]};
		expect(decide(snapshot({}), local(early))).toEqual([{type: 'begin', agent: dev1.id, task: 't-1', token: '7:x'}]);
		expect(decide(snapshot({}), local({...early, restUntil: new Map([[dev1.id, 1_000_001]])}))).toEqual([]);
	});

	test('nothing is asked for or begun while Redis is lost, and nothing twice at once', () => {
		const asking = {waiting: new Set<string>(), team: [dev1]};
		expect(decide(snapshot({}), local(asking))).toEqual([{type: 'claim', agent: dev1.id}]);
		expect(decide(snapshot({}), local({...asking, isConnected: false}))).toEqual([]);
		expect(decide(snapshot({}), local({...asking, claiming: new Set([dev1.id])}))).toEqual([]);
	});

	test('of programs, one for each task that is due, longest idle first', () => {
		const team = snapshot({'t-1': due}, {[tester.id]: {statusAt: '900'}, [tester2.id]: {statusAt: '100'}});
		expect(decide(team, local())).toEqual([{type: 'claim', agent: tester2.id, task: 't-1'}]);
		const reserved = snapshot({'t-1': {...due, assigned: tester2.id}});
		expect(decide(reserved, local())).toEqual([{type: 'claim', agent: tester2.id, task: 't-1'}]);
	});

	test('a program that got nothing is not asked again before something changed', () => {
		const refused = new Map([
			[tester.id, '5-0'],
			[tester2.id, '4-0'],
		]);
		expect(decide(snapshot({'t-1': due}), local({refusedAt: refused}))).toEqual([{type: 'claim', agent: tester2.id, task: 't-1'}]);
	});

	test.each(['paused', 'frozen'] as const)('nothing is tested while all is %s', order => {
		const team = {...snapshot({'t-1': due}), control: {...emptySnapshot.control, [order]: true}};
		expect(decide(team, local())).toEqual([]);
	});

	test('without a test command nothing is tested', () => {
		expect(decide(snapshot({'t-1': due}), local({hasTestCommand: false}))).toEqual([]);
	});
});

describe('watching attempts', () => {
	const running = (changes: Partial<RunningAttempt>): Partial<Local> => ({attempts: new Map([[dev1.id, attempt(changes)]])});
	const leased = (token = '1:a'): Record<string, string> => ({state: 'leased', stage: 'develop', role: 'developer', token, owner: dev1.id});

	test('a superseded attempt is abandoned, but not before the snapshot has shown its token', () => {
		const team = snapshot({'t-1': leased('2:b')}, {[dev1.id]: {status: 'working'}});
		expect(decide(team, local(running({})))).toMatchObject([{type: 'abandon', agent: dev1.id}]);
		expect(decide(team, local(running({wasSeen: false})))).toEqual([]);
	});

	test('while Redis lost data and nobody has decided, what runs is held whatever Redis says of it, and nothing is asked for', () => {
		const superseded = snapshot({'t-1': leased('2:b'), 't-2': {state: 'ready', stage: 'develop', role: 'developer'}});
		const lost = {isRecovering: true, waiting: new Set<string>()};
		expect(decide(superseded, local({...running({}), ...lost}))).toEqual([{type: 'pause', agent: dev1.id}]);
		expect(decide(superseded, local({...running({isPaused: true}), ...lost}))).toEqual([]);
	});

	test('an attempt whose task the snapshot does not know by heart goes on: the beat tells whether it was superseded', () => {
		expect(decide(snapshot({}, {[dev1.id]: {status: 'working'}}), local(running({})))).toEqual([]);
	});

	test('a paused agent is stopped and continued with its order', () => {
		const paused = snapshot({'t-1': leased()}, {[dev1.id]: {status: 'paused', paused: '1'}});
		expect(decide(paused, local(running({})))).toEqual([{type: 'pause', agent: dev1.id}]);
		expect(decide(paused, local(running({isPaused: true})))).toEqual([]);
		const working = snapshot({'t-1': leased()}, {[dev1.id]: {status: 'paused', paused: '0'}});
		expect(decide(working, local(running({isPaused: true})))).toEqual([{type: 'continue', agent: dev1.id}]);
	});

	test('a freeze stops every running attempt', () => {
		const frozen = {...snapshot({'t-1': leased()}), control: {...emptySnapshot.control, frozen: true}};
		expect(decide(frozen, local(running({})))).toEqual([{type: 'pause', agent: dev1.id}]);
	});

	test('an attempt that takes too long is ended, a silent one is called stalled, never idle', () => {
		const team = snapshot({'t-1': leased()}, {[dev1.id]: {status: 'working'}});
		expect(decide(team, local(running({startedAt: 1})))).toEqual([{type: 'time-out', agent: dev1.id}]);
		expect(decide(team, local(running({outputAt: 990_000})))).toEqual([{type: 'stall', agent: dev1.id}]);
	});

	test.each(['needs-input', 'waiting', 'finished', 'rate-limited', 'out-of-context', 'unknown', 'starting'])(
		'a silent agent that is %s stays so',
		status => {
			const team = snapshot({'t-1': leased()}, {[dev1.id]: {status}});
			expect(decide(team, local(running({outputAt: 990_000})))).toEqual([]);
		},
	);

	test.each(['waiting', 'finished', 'rate-limited', 'out-of-context', 'unknown'])(
		'an agent that is %s without a task is ready again',
		status => {
			expect(decide(snapshot({}, {[dev1.id]: {status}}), local())).toEqual([{type: 'revive', agent: dev1.id}]);
		},
	);

	test('a stalled agent that prints again works again', () => {
		const team = snapshot({'t-1': leased()}, {[dev1.id]: {status: 'stalled'}});
		expect(decide(team, local(running({})))).toEqual([{type: 'unstall', agent: dev1.id}]);
	});

	test('a dead agent comes back only after its rest', () => {
		const team = snapshot({}, {[dev1.id]: {status: 'crashed'}});
		expect(decide(team, local({restUntil: new Map([[dev1.id, 2_000_000]])}))).toEqual([]);
		expect(decide(team, local({restUntil: new Map([[dev1.id, 999_999]])}))).toEqual([{type: 'revive', agent: dev1.id}]);
	});

	test('an agent whose task ended while all were frozen is free once nobody is frozen, and one that a person paused stays paused', () => {
		const team = (agent: Record<string, string>, frozen = false) => ({
			...snapshot({}, {[dev1.id]: {status: 'paused', ...agent}}),
			control: {...emptySnapshot.control, frozen},
		});
		expect(decide(team({}, true), local())).toEqual([]);
		expect(decide(team({paused: '1'}), local())).toEqual([]);
		expect(decide(team({}), local())).toEqual([{type: 'revive', agent: dev1.id}]);
	});

	test('an attempt whose result is being written is left alone', () => {
		expect(decide(snapshot({'t-1': leased('9:z')}), local(running({isEnding: true})))).toEqual([]);
	});
});
