import {describe, expect, test} from 'vitest';
import {expectWhys, guardian, isMerging, MAIN, tell, tester, testing, tests, type WhyRow} from '../../helpers/why.ts';

const ROWS: readonly WhyRow[] = [
	[
		'no test command',
		{...tests, state: 'ready'},
		{room: {...MAIN, hasTestCommand: false}},
		'no test command: merging is blocked',
		'set `test:` in agent-room.yaml',
	],
	[
		'a base that is red',
		{...tests, state: 'ready'},
		{control: {failingBase: 'abc1234567', failingWhy: '`npm test` fails there too'}, agents: tester},
		'main fails its tests at abc12345: `npm test` fails there too',
		'commit a fix to main that passes the tests',
	],
	[
		'uncommitted work of a person that is in the way',
		{...isMerging, waitReason: 'merge blocked: local changes to `a.txt` are in the way'},
		{},
		'merge blocked: local changes to `a.txt` are in the way',
		'commit, stash or move your changes; the merge then continues',
	],
	[
		'a file that git does not know in the way',
		{...isMerging, waitReason: 'merge blocked: The following untracked working tree files would be overwritten by merge: `a.js`'},
		{},
		'merge blocked: The following untracked working tree files would be overwritten by merge: `a.js`',
		'commit, stash or move your changes; the merge then continues',
	],
	[
		'a test command that is not there',
		{...tests, state: 'ready', waitReason: 'merge blocked: the test command was not found (exit 127)'},
		{agents: tester},
		'merge blocked: the test command was not found (exit 127)',
		'fix `test:` in agent-room.yaml or install its program; the tests then run again',
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
		'1 ahead of it, waiting for the merge queue; no idle test runner: test-1 tests t-1',
		'',
	],
	[
		'a car before it that is being tested',
		{...isMerging, testedCommit: 'c3', candidate: 'c3', candidateBase: 'c2'},
		{
			tasks: {
				't-1': testing('b0', 'c1'),
				't-2': {...isMerging, testedCommit: 'c2', candidate: 'c2', candidateBase: 'c1'},
				't-4': testing('c3', 'c4', 'agent:test:002'),
				't-5': {...tests, state: 'ready', candidate: 'c5', failedCandidate: 'c5', candidateBase: 'c4'},
			},
			agents: {...tester, ...guardian},
		},
		'passed, in the merge queue behind t-1 (place 3 of 5), which is being tested for 2m',
		'',
	],
	[
		'its own failed tests, behind a car that is undecided',
		{...tests, state: 'ready', candidate: 'c2', failedCandidate: 'c2', candidateBase: 'c1'},
		{tasks: {'t-1': testing('b0', 'c1')}, agents: tester},
		'tests failed, in the merge queue behind t-1 (place 2 of 2), which is being tested for 2m: waiting for it to find the cause',
		'',
	],
	[
		'nothing more, at the head',
		{...isMerging, testedCommit: 'c1', candidate: 'c1', candidateBase: 'b0'},
		{agents: guardian},
		'passed: merging next',
		'',
	],
	[
		'merges that are held, at the head',
		{...isMerging, testedCommit: 'c1', candidate: 'c1', candidateBase: 'b0'},
		{agents: {'agent:merge:001': {...guardian['agent:merge:001'], paused: '1'}}},
		'passed: you paused merging',
		'`agent-room resume merge-1` resumes it',
	],
	[
		'a base that has moved',
		{...isMerging, testedCommit: 'c1', candidate: 'c1', candidateBase: 'old'},
		{agents: guardian},
		'main or an entry ahead has changed: the merge candidate is rebuilt and retested',
		'',
	],
];

describe('why a task is not running, and what would move it: the train and the base:', () => expectWhys(ROWS));

test('without a repository nothing is said of the train', () => {
	const agents = {'agent:test:001': {role: 'test-orchestrator', status: 'idle'}};
	expect(tell({...tests, state: 'ready'}, {agents, tasks: {'t-1': testing('b0', 'c1')}, room: {hasTestCommand: true}}).why).toBe('ready');
});
