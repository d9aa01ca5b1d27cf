import {describe, expect, test} from 'vitest';
import {expectWhys, guardian, isMerging, MAIN, tell, tester, testing, tests, type WhyRow} from '../../helpers/why.ts';

const ROWS: readonly WhyRow[] = [
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
		{control: {failingBase: 'abc1234567', failingWhy: '`npm test` fails there too'}, agents: tester},
		'main is red at abc12345: `npm test` fails there too',
		'a commit on main that passes the tests',
	],
	[
		'uncommitted work of a person that is in the way',
		{...isMerging, waitReason: 'merge blocked: local changes to `a.txt` are in the way'},
		{},
		'merge blocked: local changes to `a.txt` are in the way',
		'commit, stash or move away what is in the way; it lands by itself then',
	],
	[
		'a file that git does not know in the way',
		{...isMerging, waitReason: 'merge blocked: The following untracked working tree files would be overwritten by merge: `a.js`'},
		{},
		'merge blocked: The following untracked working tree files would be overwritten by merge: `a.js`',
		'commit, stash or move away what is in the way; it lands by itself then',
	],
	[
		'a test command that is not there',
		{...tests, state: 'ready', waitReason: 'merge blocked: the test command was not found (exit 127)'},
		{agents: tester},
		'merge blocked: the test command was not found (exit 127)',
		'`test:` in agent-room.yaml, or its program installed: it is tried again by itself',
	],
	[
		'a car ahead that it conflicts with',
		{...tests, state: 'ready', waitReason: 'conflicts with t-1 ahead in the merge queue (src/a.ts)'},
		{agents: tester},
		'conflicts with t-1 ahead in the merge queue (src/a.ts)',
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
		{...isMerging, candidate: 'c3', candidateBase: 'c2'},
		{
			tasks: {
				't-1': testing('b0', 'c1'),
				't-2': {...isMerging, candidate: 'c2', candidateBase: 'c1'},
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
	['nothing more, at the head', {...isMerging, candidate: 'c1', candidateBase: 'b0'}, {agents: guardian}, 'passed: about to land', ''],
	[
		'merges that are held, at the head',
		{...isMerging, candidate: 'c1', candidateBase: 'b0'},
		{agents: {'agent:merge:001': {...guardian['agent:merge:001'], paused: '1'}}},
		'passed: merges are held by you',
		'`agent-room resume merge-1` lets it go on',
	],
	[
		'a base that has moved',
		{...isMerging, candidate: 'c1', candidateBase: 'old'},
		{agents: guardian},
		'main, or what it stood on, has moved: its candidate is built and tested anew',
		'',
	],
];

describe('why a task is not running, and what would move it: the train and the base:', () => expectWhys(ROWS));

test('without a repository nothing is said of the train', () => {
	const agents = {'agent:test:001': {role: 'test-orchestrator', status: 'idle'}};
	expect(tell({...tests, state: 'ready'}, {agents, tasks: {'t-1': testing('b0', 'c1')}, room: {hasTestCommand: true}}).why).toBe('ready');
});
