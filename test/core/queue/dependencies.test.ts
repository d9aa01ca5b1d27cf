import {describe} from 'vitest';
import {DEV_1, dev, develop, expectWhys, NOW, review, type WhyRow} from '../../helpers/why.ts';

const ROWS: readonly WhyRow[] = [
	[
		'a dependency, and who is stopped',
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
		'waits for t-3 to be merged, which waits for t-2, which waits for t-1: t-1: no idle developer: dev-1 is paused',
		'`agent-room resume dev-1` resumes it',
	],
	[
		'a dependency that asks a person',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {...review, state: 'blocked', decision: 'rounds', waitReason: '5 rounds asked for changes'}}},
		'waits for t-1 to be merged: t-1 5 rounds asked for changes',
		'`agent-room approve t-1` approves it as it is, `agent-room request-changes t-1 --reason TEXT` starts new review rounds',
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
		{tasks: {'t-1': {state: 'failed', failures: '3', attempts: '3'}}},
		'waits for t-1, which has failed',
		'`agent-room retry t-1` retries it',
	],
	[
		'a dependency that was cancelled',
		{...develop, state: 'blocked', after: 't-1'},
		{tasks: {'t-1': {state: 'cancelled'}}},
		'waits for t-1, which was cancelled',
		'`agent-room unblock t-9 --from t-1` unblocks t-9, `agent-room cancel t-9` cancels it too',
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
		'waits for feature shop (3 of 5 merged, 1 cancelled)',
		'',
	],
	[
		'the feature of a plan whose tasks were created',
		{...develop, state: 'blocked', after: 'shop-plan,t-2', waits: '2'},
		{
			tasks: {'shop-plan': {state: 'planned', feature: 'shop'}, 't-2': {state: 'merged'}},
			features: {shop: {total: '2', merged: '1', open: '1'}},
		},
		'waits for feature shop (1 of 2 merged)',
		'',
	],
	[
		'a plan that waits for a person',
		{stage: 'plan', role: 'orchestrator', state: 'blocked', decision: 'plan'},
		{},
		'needs your approval: plan',
		'`agent-room approve t-9` approves the plan (`agent-room plan t-9` shows it), `agent-room request-changes t-9 --reason TEXT` rejects it',
	],
	[
		'rounds that are used up',
		{...review, state: 'blocked', decision: 'rounds', waitReason: '5 rounds of review requested changes. Approve it as it is?'},
		{},
		'5 rounds of review requested changes. Approve it as it is?',
		'`agent-room approve t-9` approves it as it is, `agent-room request-changes t-9 --reason TEXT` starts new review rounds',
	],
	[
		'a resolution that left something out',
		{stage: 'resolve', role: 'conflict-resolver', state: 'blocked', decision: 'dropped'},
		{control: {frozen: true}},
		'needs your approval: the conflict resolution dropped lines',
		'`agent-room approve t-9` approves the resolution as it is, `agent-room request-changes t-9 --reason TEXT` has it redone',
	],
	[
		'a delay, with its reason',
		{...develop, state: 'delayed', readyAt: String(NOW + 5000), reason: 'exit 1'},
		{agents: {[DEV_1]: dev({status: 'idle'})}},
		'retry in 5s: exit 1',
		'',
	],
	[
		'attempts that are used up',
		{...develop, state: 'failed', failures: '3', reason: 'exit 1: no quota'},
		{},
		'failed after 3 of 3 attempts: exit 1: no quota',
		'`agent-room retry t-9` retries it',
	],
	['a cancellation', {...develop, state: 'cancelled', reason: 'superseded by t-8'}, {}, 'cancelled: superseded by t-8', ''],
];

describe('why a task is not running, and what would move it: what it waits for:', () => expectWhys(ROWS));
