import {expect, test} from 'vitest';
import {taskText} from '../../../source/commands/show/task-text.ts';
import {taskDetail} from '../../../source/core/protocol/output.ts';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {emptySnapshot} from '../../../source/core/team/snapshot.ts';

const shown = (fields: Record<string, string>, why = '', moves = '') =>
	taskText({detail: taskDetail(parseWholeTask('t-1', fields), emptySnapshot, 0), why, moves}).join('\n');
const round = {
	round: 1,
	at: 1,
	stage: 'review',
	reviewer: 'agent:rev:001',
	commit: 'abcdef0123456789',
	verdict: 'changes',
	text: 'Nearly.',
	comments: [
		{file: 'b.ts', line: 0, severity: 'nit', text: 'typo'},
		{file: 'src/a.ts', line: 3, severity: 'must-fix', text: 'an empty name\nis accepted'},
	],
};

test('a task shows its rounds as a table, and what was said in each, what must be fixed first', () => {
	const reviews = [round, {...round, round: 2, stage: 'audit', reviewer: 'person', verdict: 'approve', text: '', comments: []}];
	expect(shown({title: 'Login', state: 'ready', stage: 'test', reviews: JSON.stringify(reviews)})).toContain(`REVIEWS
  ROUND  STAGE   REVIEWER  VERDICT  COMMIT        COMMENTS
  1      review  rev-1     changes  abcdef012345  1 must-fix, 1 nit
  2      audit   person    approve  abcdef012345
  
  round 1
    Nearly.
    src/a.ts:3: must-fix: an empty name
    is accepted
    b.ts: nit: typo`);
});

test('what a review said is not said twice; other output is', () => {
	const feedback = 'Nearly.\nsrc/a.ts:3: must-fix: an empty name\nis accepted\nb.ts: nit: typo';
	const reviews = JSON.stringify([round]);
	expect(shown({state: 'ready', reviews, feedback})).not.toContain('FEEDBACK');
	expect(shown({state: 'ready', reviews, feedback: 'expected 422'})).toContain('FEEDBACK\n  expected 422');
});

test('why it is where it is, what would move it, acceptance, tests and hand-over are shown, and nothing that is not set', () => {
	const text = shown(
		{
			title: 'Login',
			state: 'blocked',
			stage: 'develop',
			acceptance: 'Six are refused.\nThe answer is 429.',
			handoff: 'dev-2 had it.\n\u001b[31mred',
			audit: '1',
			authors: 'agent:dev:001,agent:fix:001',
			testExit: '1',
			testMs: '72000',
			testLog: 't-1-test-4.log',
			flaky: '1',
			removals: '2',
		},
		'waits for t-0 to be merged',
		'`agent-room retry t-0` retries it',
	);
	for (const part of [
		'  state     blocked, stage develop: waits for t-0 to be merged',
		'  unblock   `agent-room retry t-0` retries it',
		'  audit     wanted',
		'  author    dev-1, fix-1',
		'  tests     failed with exit 1 in 1m, flaky 1×, removed from the merge queue 2×, log t-1-test-4.log',
		'ACCEPTANCE\n  - Six are refused.\n  - The answer is 429.',
		'HANDOFF NOTES\n  dev-2 had it.\n  �[31mred',
	])
		expect(text).toContain(part);
	expect(shown({title: 'x', state: 'ready', stage: 'develop'}, 'ready')).toBe(
		't-1\n  title     x\n  state     ready, stage develop\n  priority  P2 (50)',
	);
});
