import type {Stage} from '../core/task.ts';

/** What a kind of agent is for. A role is data: its stages are its queues, its short name makes its agents' ids. */
export type Role = {
	readonly name: string;
	/** Of its agents' ids: `agent:<short>:001`. Letters only. */
	readonly short: string;
	readonly stages: readonly Stage[];
	/** Where its work is a program of the room, which one runs in its pane. */
	readonly program?: 'test' | 'merge';
};

export const ROLES = [
	{name: 'orchestrator', short: 'orc', stages: ['plan']},
	{name: 'developer', short: 'dev', stages: ['develop']},
	{name: 'code-sentinel', short: 'rev', stages: ['review']},
	{name: 'security-auditor', short: 'sec', stages: ['audit']},
	{name: 'test-orchestrator', short: 'test', stages: ['test'], program: 'test'},
	{name: 'conflict-resolver', short: 'fix', stages: ['resolve']},
	{name: 'repository-guardian', short: 'merge', stages: ['merge'], program: 'merge'},
	{name: 'documentation-writer', short: 'doc', stages: ['document']},
] as const satisfies readonly Role[];

export const roleNamed = (name: string): Role | undefined => ROLES.find(role => role.name === name);
