import {describe} from 'vitest';
import {DEV_1, dev, develop, expectWhys, isMerging, review, type WhyRow} from '../../helpers/why.ts';

const ROWS: readonly WhyRow[] = [
	[
		'no such role in the team',
		{...develop, state: 'ready'},
		{},
		'no developer in the team',
		'add a `developer` to `team:` in agent-room.yaml',
	],
	[
		'no auditor in the team',
		{stage: 'audit', role: 'security-auditor', state: 'ready'},
		{agents: {[DEV_1]: dev({status: 'idle'})}},
		'no security reviewer in the team',
		'add a `security-auditor` to `team:` in agent-room.yaml',
	],
	[
		'nobody who can do it',
		{...develop, state: 'ready', needs: 'go,sql'},
		{agents: {[DEV_1]: dev({status: 'idle', capabilities: 'go'})}},
		'no developer has the capability go, sql',
		'add `capabilities: [go, sql]` to a developer in `team:` in agent-room.yaml',
	],
	[
		'its only reviewer wrote it',
		{...review, state: 'ready', author: 'agent:fix:001', authors: 'agent:rev:001,agent:fix:001'},
		{agents: {'agent:rev:001': {role: 'code-sentinel', status: 'idle'}}},
		'its only reviewer wrote it',
		'add another `code-sentinel` to `team:` in agent-room.yaml',
	],
	[
		'its only guardian reviewed it',
		{...isMerging, reviewer: 'agent:merge:001'},
		{agents: {'agent:merge:001': {role: 'repository-guardian', status: 'idle'}}},
		'its only merger wrote or reviewed it',
		'add another `repository-guardian` to `team:` in agent-room.yaml',
	],
	[
		'who is busy, and with what',
		{...review, state: 'ready'},
		{
			tasks: {'t-4': {...review, state: 'leased'}},
			agents: {
				'agent:rev:001': {role: 'code-sentinel', status: 'working', task: 't-4'},
				'agent:rev:002': {role: 'code-sentinel', status: 'needs-input', task: 't-5'},
				'agent:rev:003': {role: 'code-sentinel', status: 'crashed'},
				'agent:rev:004': {role: 'code-sentinel', status: 'unreachable'},
				'agent:rev:005': {role: 'code-sentinel', status: 'stopped'},
			},
		},
		'no idle reviewer: rev-1 reviews t-4, rev-2 needs input, rev-3 restarts after a crash, and 1 more',
		'',
	],
	[
		'somebody whom you paused',
		{...develop, state: 'ready'},
		{agents: {[DEV_1]: dev({status: 'paused', paused: '1'})}},
		'no idle developer: dev-1 is paused',
		'`agent-room resume dev-1` resumes it',
	],
	['nothing, where somebody released', {...develop, state: 'ready'}, {agents: {[DEV_1]: dev({status: 'idle'})}}, 'ready', ''],
	[
		'a lock over what it will touch',
		{...develop, state: 'ready', paths: 'docs/**,src/db/schema.sql'},
		{agents: {[DEV_1]: dev({status: 'idle'})}, locks: {'path:src/db/**': 'agent:dev:002 7:x'}},
		'src/db/** is locked by dev-2 for 3m',
		'`agent-room unlock path:src/db/**` releases the lock',
	],
	[
		'a lock of its own agent, which keeps nobody else out',
		{...develop, state: 'ready', paths: 'docs', assigned: 'agent:dev:002', assignedRole: 'developer'},
		{agents: {'agent:dev:002': dev({status: 'working', task: 'x'})}, locks: {'path:docs': 'agent:dev:002 7:x'}},
		'assigned to dev-2, which works on x',
		'`agent-room unassign t-9` lets any agent take it',
	],
	[
		'a pause of all',
		{...develop, state: 'ready'},
		{control: {paused: true}},
		'all agents are paused',
		'`agent-room resume` resumes the agents',
	],
	[
		'a freeze',
		{...develop, state: 'ready'},
		{control: {frozen: true}},
		'everything is frozen',
		'`agent-room freeze --off` resumes everything',
	],
	[
		'data that Redis lost',
		{...develop, state: 'ready'},
		{control: {recovery: 'Redis came back empty'}},
		'everything is frozen: Redis came back empty',
		'`agent-room rebuild` rebuilds it, `agent-room rebuild --start-empty` does not',
	],
	[
		'a drain, where it is new',
		{...develop, state: 'ready'},
		{control: {drained: true}},
		'draining: no new tasks start',
		'`agent-room drain --off` starts new tasks again',
	],
	[
		'a budget that is spent',
		{...review, state: 'ready'},
		{control: {budget: 1_000_000, spent: 1_200_000}},
		'over budget: $1.20 of $1.00 spent',
		'`agent-room budget USD` raises the budget',
	],
	[
		'an outsider that is done, and whose branch is looked for',
		{
			...develop,
			state: 'leased',
			owner: 'agent:x',
			token: '4:external',
			waitReason: 'x reports done: looking for its branch `agent/t-9`',
		},
		{},
		'x reports done: looking for its branch `agent/t-9`',
		'',
	],
];

describe('why a task is not running, and what would move it: who could take it, orders and locks:', () => expectWhys(ROWS));
