import {describe, expect, test} from 'vitest';
import {formatEvent, type Told} from '../../../source/core/event/words.ts';

const told = (type: string, more: Partial<Told> = {}): string =>
	formatEvent({type, task: '', agent: '', text: '', by: '', stage: '', ...more});

describe('an event in words', () => {
	test.each([
		[told('task_submitted', {task: 't-1', text: 'Login'}), 't-1 queued: Login'],
		[told('task_claimed', {task: 't-1', agent: 'agent:dev:001', text: 'develop'}), 'dev-1 started t-1 (develop)'],
		[told('task_claimed', {task: 't-1', agent: 'agent:dev:001', text: 'develop', by: 'terminal 2'}), 'dev-1 started t-1 (develop)'],
		[told('task_decided', {task: 't-1', text: 'accepted by a person', by: 'terminal 2'}), 't-1 decided: accepted by you, terminal 2'],
		[
			told('task_decided', {task: 't-1', text: 'rejected by a person: no $& at all', by: '`agent-room request-changes`, pid 7'}),
			't-1 decided: rejected by you, `agent-room request-changes`, pid 7: no $& at all',
		],
		[
			told('control_changed', {text: 'all agents are paused', by: '`agent-room pause`, pid 7'}),
			'all agents are paused (by you, `agent-room pause`, pid 7)',
		],
		[told('agent_updated', {agent: 'agent:dev:001', by: 'terminal 2'}), ''],
		[told('task_completed', {task: 't-1', text: 'done', stage: 'review'}), 't-1 done, to review'],
		[told('task_completed', {task: 't-1', text: 'conflicts in `a`.', stage: 'develop'}), 't-1 conflicts in `a`, back to develop'],
		[told('attempt_failed', {task: 't-1', agent: 'agent:dev:002', text: 'exit 1'}), 'dev-2 failed at t-1: exit 1'],
		[told('task_released', {task: 't-1', text: 'reassigned to agent:dev:003'}), 't-1 requeued: reassigned to dev-3'],
		[told('lock_taken', {agent: 'agent:merge:001', text: 'repository:main'}), 'merge-1 locked repository:main'],
		[told('lock_forced', {agent: 'agent:dev:001', text: 'path:src'}), 'dev-1 lost path:src: unlocked by you'],
		[
			told('lock_left', {agent: 'agent:dev:001', text: 'path:src: it waited in vain'}),
			'dev-1 stopped waiting for path:src: it waited in vain',
		],
		[told('mail_sent', {agent: 'agent:dev:001', text: 'agent:dev:002: look'}), 'dev-1 has a message from dev-2: look'],
		[told('mail_read', {agent: 'agent:dev:001'}), ''],
	])('%s', (said, expected) => expect(said).toBe(expected));

	test.each([
		[told('task_planned', {task: 't-1', text: 'planned: 8 tasks'}), 't-1 planned: 8 tasks'],
		[told('task_planned', {task: 't-1', text: 'approved by you: 8 tasks'}), 't-1 planned: approved by you: 8 tasks'],
		[told('task_needs_decision', {task: 't-1', text: 'the plan needs your approval'}), 't-1: the plan needs your approval'],
		[told('task_needs_decision', {task: 't-1', text: 'blocked: no key'}), 't-1 is blocked: no key'],
		[told('task_needs_decision', {task: 't-1', text: 'main is dirty'}), 't-1 needs your approval: main is dirty'],
		[told('task_changes_requested', {task: 't-1', text: 'changes requested by you: no'}), 't-1 changes requested by you: no'],
		[told('task_cancelled', {task: 't-1', text: 'cancelled by the plan t-9'}), 't-1 cancelled by the plan t-9'],
		[told('task_cancelled', {task: 't-1', text: 'not merged, cancelled by you'}), 't-1: not merged, cancelled by you'],
		[
			told('entry_removed', {task: 't-1', text: 'tests failed, main passes: removed from the merge queue'}),
			't-1 removed from the merge queue: tests failed, main passes',
		],
		[
			told('task_completed', {task: 't-1', text: 'tests failed, main passes: removed from the merge queue', stage: 'develop'}),
			't-1 tests failed, back to develop',
		],
		[
			told('task_completed', {task: 't-1', text: 'Merging into `main` conflicts', stage: 'resolve'}),
			't-1: merging into `main` conflicts, to resolve',
		],
		[told('task_progressed', {task: 't-2', text: 't-1 is merged'}), 't-2: t-1 is merged'],
		[told('task_progressed', {task: 't-2', agent: 'agent:dev:001', text: 'half way'}), 'dev-1 t-2: half way'],
		[told('task_retested', {task: 't-1', text: 'its base is outdated: retested'}), 't-1 back to test: its base is outdated'],
		[
			told('prompt_unknown', {agent: 'agent:dev:001', text: 'prompt: typed, not confirmed (idle)'}),
			'dev-1 prompt: typed, not confirmed (idle)',
		],
		// What an agent printed says nothing of its task.
		[told('task_failed', {task: 't-1', text: 'exit 1: 2 tests failed'}), 't-1 failed: exit 1: 2 tests failed'],
	])('says nothing twice: %s', (said, expected) => expect(said).toBe(expected));

	test('that tells people nothing is empty', () => {
		expect(told('task_progressed', {task: 't-1', agent: 'agent:dev:001'})).toBe('');
		expect(told('agent_updated', {agent: 'agent:dev:001'})).toBe('');
	});

	test('of a kind that is not known is told by its parts', () => {
		expect(told('sun_risen', {task: 't-1', agent: 'agent:dev:001', text: 'early'})).toBe('sun risen t-1 dev-1 early');
	});
});
