import {describe, expect, test} from 'vitest';
import {DEV_1, dev, develop, isMerging, NOW, review, tell, tester, testing, type WhyRow} from '../../helpers/why.ts';

/** Of what runs or has ended there is nothing that keeps it: only where it is. */
const RUNNING: readonly WhyRow[] = [
	['merged', {...isMerging, state: 'merged', mergedCommit: 'abcdef0123456789'}, {}, 'merged as abcdef012345', ''],
	['planned', {stage: 'plan', state: 'planned'}, {}, 'planned: tasks created', ''],
	[
		'at work, since when, and at what',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a', progress: 'half done'},
		{agents: {[DEV_1]: dev({status: 'working', task: 't-9'})}},
		'dev-1 works on it (4m): half done',
		'',
	],
	[
		'with an agent that asks',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'needs-input', task: 't-9', question: 'Which index?'})}},
		'dev-1 works on it and needs input: Which index?',
		'answer dev-1 in the room (`a`) or in its pane',
	],
	[
		'with an agent that you paused',
		{...review, state: 'leased', owner: 'agent:rev:001', token: '1:a'},
		{agents: {'agent:rev:001': {status: 'paused', paused: '1', task: 't-9'}}},
		'rev-1 reviews it, but you paused it',
		'`agent-room resume rev-1` resumes it',
	],
	[
		'with everything frozen',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'working', task: 't-9'})}, control: {frozen: true}},
		'dev-1 works on it, but everything is frozen',
		'`agent-room freeze --off` resumes everything',
	],
	[
		'with an agent that is silent',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'stalled', task: 't-9', reason: 'no output'})}},
		'dev-1 works on it, but is stalled: no output',
		'',
	],
	[
		'with an agent that was lost',
		{...develop, state: 'leased', owner: DEV_1, token: '1:a'},
		{agents: {[DEV_1]: dev({status: 'unreachable', task: 't-9'})}},
		'dev-1 works on it, but is unreachable: the task is reassigned when the lease expires',
		'',
	],
	[
		'tested, with its place in the train',
		testing('c1', 'c2', 'agent:test:002'),
		{
			tasks: {'t-1': testing('b0', 'c1')},
			agents: {...tester, 'agent:test:002': {status: 'working', task: 't-9', statusAt: String(NOW - 60_000)}},
		},
		'test-2 tests it (1m), in the merge queue behind t-1 (place 2 of 2), which is being tested for 2m',
		'',
	],
	[
		'landing together with the head of the merge queue',
		{...isMerging, state: 'leased', owner: 'agent:merge:001', token: '5:a', candidate: 'c2', candidateBase: 'c1'},
		{agents: {'agent:merge:001': {status: 'working', task: 't-1'}}},
		'merge-1 merges it together with t-1',
		'',
	],
	['with an outsider', {...develop, state: 'leased', owner: 'agent:x', token: '4:external'}, {}, 'x, an external agent, owns it', ''],
];

describe('where a task is that runs or has ended:', () => {
	test.each(RUNNING)('%s', (_name, fields, around, here, moves) => {
		expect(tell(fields, around)).toEqual({why: '', here, moves});
	});
});
