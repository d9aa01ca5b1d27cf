import {describe, expect, test} from 'vitest';
import {formatAge} from '../../source/core/age.ts';
import {agentId, agentName, parseAgent, parseAgentId} from '../../source/core/agent.ts';
import {parseFeature} from '../../source/core/feature.ts';
import {nextStage, type Standing} from '../../source/core/pipeline.ts';
import {type Control, emptySnapshot, type TeamSnapshot} from '../../source/core/snapshot.ts';
import {parseTask, priorityBadge, type Stage} from '../../source/core/task.ts';
import {whatMoves} from '../../source/core/what-moves.ts';
import {type RoomFacts, whyNotRunning} from '../../source/core/why.ts';
import {whyHere} from '../../source/core/why-here.ts';

type Fields = Readonly<Record<string, string>>;
/** Everything else than the task `t-9` itself. */
type Around = {
	readonly tasks?: Readonly<Record<string, Fields>>;
	readonly agents?: Readonly<Record<string, Fields>>;
	readonly features?: Readonly<Record<string, Fields>>;
	readonly locks?: Readonly<Record<string, string>>;
	readonly control?: Partial<Control>;
	readonly room?: RoomFacts;
};

const NOW = 600_000;
const MAIN: RoomFacts = {hasTestCommand: true, repository: {base: 'main', baseCommit: 'b0'}};

const teamOf = ({tasks = {}, agents = {}, features = {}, locks = {}, control = {}}: Around): TeamSnapshot => ({
	...emptySnapshot,
	tasks: new Map(Object.entries(tasks).map(([id, fields]) => [id, parseTask(id, {...fields})])),
	agents: new Map(Object.entries(agents).map(([id, fields]) => [id, parseAgent(id, {...fields})])),
	features: new Map(Object.entries(features).map(([id, fields]) => [id, parseFeature(id, {...fields})])),
	locks: new Map(Object.entries(locks).map(([name, owner]) => [name, {name, owner, until: 0, takenAt: NOW - 180_000}])),
	control: {...emptySnapshot.control, ...control},
});

const tell = (fields: Fields, around: Around) => {
	const team = teamOf({...around, tasks: {...around.tasks, 't-9': fields}});
	const task = parseTask('t-9', {...fields});
	const room = around.room ?? MAIN;
	return {why: whyNotRunning(task, team, NOW, room), here: whyHere(task, team, NOW, room), moves: whatMoves(task, team, room)};
};

const dev = (fields: Fields): Fields => ({role: 'developer', statusAt: String(NOW - 240_000), ...fields});
const DEV_1 = 'agent:dev:001';
const develop = {stage: 'develop', role: 'developer', attempts: '3'};
const review = {stage: 'review', role: 'code-sentinel', author: DEV_1, authors: DEV_1};
const tests = {stage: 'test', role: 'test-orchestrator'};
const lands = {stage: 'merge', role: 'repository-guardian', state: 'ready'};
/** A car whose tests run. */
const testing = (base: string, candidate: string, owner = 'agent:test:001'): Fields => ({
	...tests,
	state: 'leased',
	owner,
	token: `1:${candidate}`,
	candidate,
	candidateBase: base,
});
const guardian = {'agent:merge:001': {role: 'repository-guardian', status: 'idle'}};
const tester = {'agent:test:001': {role: 'test-orchestrator', status: 'working', task: 't-1', statusAt: String(NOW - 120_000)}};

/** Name, the task, what is around it, why it is not running, and what would move it. */
const TABLE: ReadonlyArray<readonly [string, Fields, Around, string, string]> = [
	[
		'a dependency, and who works on it',
		{...develop, state: 'blocked', after: 't-1,t-2'},
		{
			tasks: {'t-1': {state: 'merged'}, 't-2': {...review, state: 'leased', owner: 'agent:rev:001', token: '1:a'}},
			agents: {'agent:rev:001': {status: 'working', task: 't-2'}},
		},
		'waits for t-2 to be merged: rev-1 reviews t-2',
		'',
	],
	[
		'a dependency that waits itself, down to the one that could move',
		{...develop, state: 'blocked', after: 't-3'},
		{
			tasks: {
				't-3': {...develop, state: 'blocked', after: 't-2', waits: '1'},
				't-2': {...develop, state: 'blocked', after: 't-1', waits: '1'},
				't-1': {...develop, state: 'ready'},
			},
			agents: {[DEV_1]: dev({status: 'paused', paused: '1'})},
		},
		'waits for t-3 to be merged, which waits for t-2, which waits for t-1: t-1: no free developer: dev-1 is paused',
		'`agent-room resume dev-1` lets it go on',
	],
	[
		'a dependency that asks a person',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {...review, state: 'blocked', asks: 'rounds', hold: '5 rounds asked for changes'}}},
		'waits for t-1 to be merged: t-1 5 rounds asked for changes',
		'`agent-room accept t-1` takes it as it is, `agent-room reject t-1 --reason TEXT` gives it as many rounds again',
	],
	[
		'dependencies that wait for one another',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {...develop, state: 'blocked', after: 't-9', waits: '1'}}},
		'waits for t-1 to be merged',
		'',
	],
	[
		'a dependency that died',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {state: 'dead', failures: '3', attempts: '3'}}},
		'waits for t-1, which is dead',
		'`agent-room requeue t-1` gives it fresh attempts',
	],
	[
		'a dependency that was cancelled',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {state: 'cancelled'}}},
		'waits for t-1, which is cancelled',
		'`agent-room cancel t-1 --by TASK` lets it wait for another instead',
	],
	[
		'a dependency that is not known counts as merged where it waits for no more than those that are known',
		{...develop, state: 'blocked', after: 't-0,t-1', waits: '1'},
		{tasks: {'t-1': {...develop, state: 'ready'}}, agents: {[DEV_1]: dev({status: 'idle'})}},
		'waits for t-1 to be merged',
		'',
	],
	[
		'a dependency that is not known',
		{...develop, state: 'blocked', after: 't-0,t-1', waits: '2'},
		{tasks: {'t-1': {...develop, state: 'ready'}}, agents: {[DEV_1]: dev({status: 'idle'})}},
		'waits for t-0, t-1 to be merged',
		'',
	],
	[
		'a feature',
		{...develop, state: 'blocked', after: 'shop', waits: '1'},
		{features: {shop: {total: '5', merged: '3', open: '1', cancelled: '1'}}},
		'waits for the feature shop (3 of 5 merged, 1 cancelled)',
		'',
	],
	[
		'the feature of a plan whose tasks were created',
		{...develop, state: 'blocked', after: 'shop-plan,t-2', waits: '2'},
		{
			tasks: {'shop-plan': {state: 'planned', feature: 'shop'}, 't-2': {state: 'merged'}},
			features: {shop: {total: '2', merged: '1', open: '1'}},
		},
		'waits for the feature shop (1 of 2 merged)',
		'',
	],
	[
		'a plan that waits for a person',
		{stage: 'plan', role: 'orchestrator', state: 'blocked', asks: 'plan'},
		{},
		'waits for you to accept its plan',
		'`agent-room accept t-9` takes the plan (`agent-room plan t-9` shows it), `agent-room reject t-9 --reason TEXT` sends it back',
	],
	[
		'rounds that are used up',
		{...review, state: 'blocked', asks: 'rounds', hold: '5 rounds of review asked for changes: is it good enough as it is?'},
		{},
		'5 rounds of review asked for changes: is it good enough as it is?',
		'`agent-room accept t-9` takes it as it is, `agent-room reject t-9 --reason TEXT` gives it as many rounds again',
	],
	[
		'a resolution that left something out',
		{stage: 'resolve', role: 'conflict-resolver', state: 'blocked', asks: 'dropped'},
		{control: {frozen: true}},
		'waits for you: the resolution of its conflict left something out',
		'`agent-room accept t-9` takes the resolution as it is, `agent-room reject t-9 --reason TEXT` has it done again',
	],
	[
		'a delay, with its reason',
		{...develop, state: 'delayed', readyAt: String(NOW + 5000), reason: 'exit 1'},
		{agents: {[DEV_1]: dev({status: 'idle'})}},
		'again in 5s: exit 1',
		'',
	],
	[
		'attempts that are used up',
		{...develop, state: 'dead', failures: '3', reason: 'exit 1: no quota'},
		{},
		'dead after 3 of 3 attempts: exit 1: no quota',
		'`agent-room requeue t-9` gives it fresh attempts',
	],
	['a cancellation', {...develop, state: 'cancelled', reason: 'superseded by t-8'}, {}, 'cancelled: superseded by t-8', ''],
	['no such role in the team', {...develop, state: 'ready'}, {}, 'no developer in the team', 'a `developer` in `team:` of agent-room.yaml'],
	[
		'no auditor in the team',
		{stage: 'audit', role: 'security-auditor', state: 'ready'},
		{agents: {[DEV_1]: dev({status: 'idle'})}},
		'no security-auditor in the team',
		'a `security-auditor` in `team:` of agent-room.yaml',
	],
	[
		'nobody who can do it',
		{...develop, state: 'ready', needs: 'go,sql'},
		{agents: {[DEV_1]: dev({status: 'idle', capabilities: 'go'})}},
		'no developer can do go, sql',
		'`capabilities: [go, sql]` of a developer in `team:` of agent-room.yaml',
	],
	[
		'its only reviewer wrote it',
		{...review, state: 'ready', author: 'agent:fix:001', authors: 'agent:rev:001,agent:fix:001'},
		{agents: {'agent:rev:001': {role: 'code-sentinel', status: 'idle'}}},
		'its only code-sentinel wrote it',
		'another `code-sentinel` in `team:` of agent-room.yaml',
	],
	[
		'its only guardian reviewed it',
		{...lands, reviewer: 'agent:merge:001'},
		{agents: {'agent:merge:001': {role: 'repository-guardian', status: 'idle'}}},
		'its only repository-guardian wrote or reviewed it',
		'another `repository-guardian` in `team:` of agent-room.yaml',
	],
	[
		'who is busy, and with what',
		{...review, state: 'ready'},
		{
			tasks: {'t-4': {...review, state: 'leased'}},
			agents: {
				'agent:rev:001': {role: 'code-sentinel', status: 'working', task: 't-4'},
				'agent:rev:002': {role: 'code-sentinel', status: 'asks', task: 't-5'},
				'agent:rev:003': {role: 'code-sentinel', status: 'dead'},
				'agent:rev:004': {role: 'code-sentinel', status: 'lost'},
				'agent:rev:005': {role: 'code-sentinel', status: 'stopped'},
			},
		},
		'no free code-sentinel: rev-1 reviews t-4, rev-2 asks you something, rev-3 rests after it died, and 1 more',
		'',
	],
	[
		'somebody whom you paused',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: dev({status: 'paused', paused: '1'})}},
		'no free developer: dev-1 is paused',
		'`agent-room resume dev-1` lets it go on',
	],
	['nothing, where somebody is free', {...develop, state: 'ready'}, {agents: {[DEV_1]: dev({status: 'idle'})}}, 'ready', ''],
	[
		'a lock over what it will touch',
		{...develop, state: 'ready', paths: 'docs/**,src/db/schema.sql'},
		{agents: {[DEV_1]: dev({status: 'idle'})}, locks: {'path:src/db/**': 'agent:dev:002 7:x'}},
		'lock src/db/** held by dev-2 for 3m',
		'`agent-room unlock path:src/db/**` takes the lock away',
	],
	[
		'a lock of its own agent, which keeps nobody else out',
		{...develop, state: 'ready', paths: 'docs', assigned: 'agent:dev:002', assignedRole: 'developer'},
		{agents: {'agent:dev:002': dev({status: 'working', task: 'x'})}, locks: {'path:docs': 'agent:dev:002 7:x'}},
		'reserved for dev-2, which works on x',
		'`agent-room release t-9` gives it to anybody',
	],
	[
		'a pause of all',
		{...develop, state: 'ready'},
		{control: {paused: true}},
		'all agents are paused',
		'`agent-room resume` lets the agents go on',
	],
	[
		'a freeze',
		{...develop, state: 'ready'},
		{control: {frozen: true}},
		'everything is frozen',
		'`agent-room freeze --off` lets everything go on',
	],
	[
		'data that Redis lost',
		{...develop, state: 'ready'},
		{control: {recovery: 'Redis came back empty'}},
		'everything is frozen: Redis came back empty',
		'`agent-room freeze --off` lets everything go on',
	],
	[
		'a drain, where it is new',
		{...develop, state: 'ready'},
		{control: {drained: true}},
		'draining: no new work is handed out',
		'`agent-room drain --off` hands out work again',
	],
	[
		'a budget that is spent',
		{...review, state: 'ready'},
		{control: {budget: 1_000_000, spent: 1_200_000}},
		'over budget: $1.20 of $1.00 are spent',
		'`agent-room budget USD` allows more',
	],
	[
		'no test command',
		{...tests, state: 'ready'},
		{room: {...MAIN, hasTestCommand: false}},
		'no test command: merges are held',
		'`test:` in agent-room.yaml',
	],
	[
		'a base that is red',
		{...tests, state: 'ready'},
		{control: {red: 'abc1234567', redWhy: '`npm test` fails there too'}, agents: tester},
		'main is red at abc12345: `npm test` fails there too',
		'a commit on main that passes the tests',
	],
	[
		'uncommitted work of a person that is in the way',
		{...lands, hold: 'landing waits: local changes to `a.txt` are in the way'},
		{},
		'landing waits: local changes to `a.txt` are in the way',
		'commit or stash what is in the way; it lands by itself then',
	],
	[
		'a car ahead that it conflicts with',
		{...tests, state: 'ready', hold: 'conflicts with t-1 ahead of it in the train (src/a.ts)'},
		{agents: tester},
		'conflicts with t-1 ahead of it in the train (src/a.ts)',
		'',
	],
	[
		'its turn in the queue for the train',
		{...tests, state: 'ready', createdAt: '5'},
		{tasks: {'t-1': testing('b0', 'c1'), 't-2': {...tests, state: 'ready', createdAt: '1'}}, agents: tester},
		'1 before it in the queue for the train; no free test-orchestrator: test-1 tests t-1',
		'',
	],
	[
		'a car before it that is being tested',
		{...lands, candidate: 'c3', candidateBase: 'c2'},
		{
			tasks: {
				't-1': testing('b0', 'c1'),
				't-2': {...lands, candidate: 'c2', candidateBase: 'c1'},
				't-4': testing('c3', 'c4', 'agent:test:002'),
				't-5': {...tests, state: 'ready', candidate: 'c5', failedCandidate: 'c5', candidateBase: 'c4'},
			},
			agents: {...tester, ...guardian},
		},
		'passed, in the train behind t-1 (place 3 of 5), which is being tested for 2m',
		'',
	],
	[
		'its own failed tests, behind a car that is undecided',
		{...tests, state: 'ready', candidate: 'c2', failedCandidate: 'c2', candidateBase: 'c1'},
		{tasks: {'t-1': testing('b0', 'c1')}, agents: tester},
		'its tests failed, in the train behind t-1 (place 2 of 2), which is being tested for 2m: whose fault it is shows when that is decided',
		'',
	],
	['nothing more, at the head', {...lands, candidate: 'c1', candidateBase: 'b0'}, {agents: guardian}, 'passed: about to land', ''],
	[
		'a base that has moved',
		{...lands, candidate: 'c1', candidateBase: 'old'},
		{agents: guardian},
		'main, or what it stood on, has moved: its candidate is built and tested anew',
		'',
	],
	[
		'an outsider that is done, and whose branch is looked for',
		{...develop, state: 'leased', owner: 'agent:x', token: '4:outside', hold: 'x says that it is done: looking for its branch `agent/t-9`'},
		{},
		'x says that it is done: looking for its branch `agent/t-9`',
		'',
	],
];

describe('why a task is not running, and what would move it:', () => {
	test.each(TABLE)('%s', (_name, fields, around, why, moves) => {
		const told = tell(fields, around);
		expect(told.why).toBe(why);
		expect(told.here).toBe(why);
		expect(told.moves).toBe(moves);
	});
});

/** Of what runs or has ended there is nothing that keeps it: only where it is. */
const RUNNING: ReadonlyArray<readonly [string, Fields, Around, string, string]> = [
	['merged', {...lands, state: 'merged', landed: 'abcdef0123456789'}, {}, 'merged as abcdef012345', ''],
	['planned', {stage: 'plan', state: 'planned'}, {}, 'planned: its tasks were created', ''],
	[
		'at work, since when, and at what',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a', progress: 'half done'},
		{agents: {[DEV_1]: dev({status: 'working', task: 't-9'})}},
		'dev-1 works on it for 4m: half done',
		'',
	],
	[
		'with an agent that asks',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'asks', task: 't-9', question: 'Which index?'})}},
		'dev-1 works on it, and asks: Which index?',
		'an answer to dev-1, in the room (`a`) or in its pane',
	],
	[
		'with an agent that you paused',
		{...review, state: 'leased', owner: 'agent:rev:001', token: '1:a'},
		{agents: {'agent:rev:001': {status: 'paused', paused: '1', task: 't-9'}}},
		'rev-1 reviews it, and is paused by you',
		'`agent-room resume rev-1` lets it go on',
	],
	[
		'with everything frozen',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'working', task: 't-9'})}, control: {frozen: true}},
		'dev-1 works on it, and everything is frozen',
		'`agent-room freeze --off` lets everything go on',
	],
	[
		'with an agent that is silent',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'stalled', task: 't-9', reason: 'no output'})}},
		'dev-1 works on it, and nothing moves: no output',
		'',
	],
	[
		'with an agent that was lost',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'lost', task: 't-9'})}},
		'dev-1 works on it, and was lost: it goes to another when its lease ends',
		'',
	],
	[
		'tested, with its place in the train',
		testing('c1', 'c2', 'agent:test:002'),
		{
			tasks: {'t-1': testing('b0', 'c1')},
			agents: {...tester, 'agent:test:002': {status: 'working', task: 't-9', statusAt: String(NOW - 60_000)}},
		},
		'test-2 tests it for 1m, in the train behind t-1 (place 2 of 2), which is being tested for 2m',
		'',
	],
	[
		'landing together with the head of the train',
		{...lands, state: 'leased', owner: 'agent:merge:001', token: '5:a', candidate: 'c2', candidateBase: 'c1'},
		{agents: {'agent:merge:001': {status: 'working', task: 't-1'}}},
		'merge-1 lands it, together with t-1',
		'',
	],
	['with an outsider', {...develop, state: 'leased', owner: 'agent:x', token: '4:outside'}, {}, 'x, an agent from outside, has it', ''],
];

describe('where a task is that runs or has ended:', () => {
	test.each(RUNNING)('%s', (_name, fields, around, here, moves) => {
		expect(tell(fields, around)).toEqual({why: '', here, moves});
	});
});

test('without a repository nothing is said of the train', () => {
	const agents = {'agent:test:001': {role: 'test-orchestrator', status: 'idle'}};
	expect(tell({...tests, state: 'ready'}, {agents, tasks: {'t-1': testing('b0', 'c1')}, room: {hasTestCommand: true}}).why).toBe('ready');
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
