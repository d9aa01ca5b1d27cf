import {expect} from 'vitest';
import {PIPELINE} from '../../source/core/task/stages.ts';
import type {Stage} from '../../source/core/task/task.ts';
import type {Claimed, Coordination} from '../../source/core/team/coordination.ts';
import type {TeamSnapshot} from '../../source/core/team/snapshot.ts';

/** Two agents of each role, so that author, reviewer and merger can differ. Those who write share an account. */
export const AGENTS: readonly {id: string; role: string; capabilities: readonly string[]; account?: string}[] = [
	...['agent:dev:001', 'agent:dev:002'].map(id => ({
		...{id, role: 'developer', capabilities: id.endsWith('2') ? ['go'] : [], account: 'work'},
	})),
	...['agent:rev:001', 'agent:rev:002'].map(id => ({id, role: 'code-sentinel', capabilities: [], account: 'more'})),
	{id: 'agent:test:001', role: 'test-orchestrator', capabilities: []},
	{id: 'agent:merge:001', role: 'repository-guardian', capabilities: []},
	{id: 'agent:orc:001', role: 'orchestrator', capabilities: []},
	{id: 'agent:sec:001', role: 'security-auditor', capabilities: []},
	{id: 'agent:fix:001', role: 'conflict-resolver', capabilities: []},
	{id: 'agent:doc:001', role: 'documentation-writer', capabilities: []},
];
/** The role of an agent of the model. */
export const roleOf = (id: string): string => AGENTS.find(agent => agent.id === id)?.role ?? '';

/** What the test believes: who holds what with which token, and who once did. */
export type Model = {
	readonly accepted: Set<string>;
	readonly current: Map<string, Claimed>;
	readonly superseded: Claimed[];
	readonly tokens: Set<string>;
	/** Agents that may have been handed a task: they waited, or asked for their next one with a result. */
	readonly waited: Set<string>;
	/** Tasks of `current` that boarded a landing: under the token of its head, while their holder is at that one. */
	readonly joined: Set<string>;
};
/** The real thing beside it, and the state as the record folds into it. */
export type Real = {
	team: Coordination;
	namespace: string;
	op: () => string;
	repeatOp: (isRepeated: boolean) => void;
	folded: TeamSnapshot;
	/** Nothing has happened since the last sweep. */
	isSwept: boolean;
	readonly happened: Map<string, number>;
};
/** Counts what came about in all runs, so that a model that no longer gets there is noticed. */
export const happens = ({happened}: Real, what: string): void => void happened.set(what, (happened.get(what) ?? 0) + 1);
/** One command, done to both. */
export type Step = (model: Model, real: Real) => Promise<unknown>;

/** Does it, and now and then does it again under the same op-id: the answer must be the same. */
export const sent = async <Reply>(real: Real, isResent: boolean, attempt: () => Promise<Reply>): Promise<Reply> => {
	const reply = await attempt();
	if (isResent) {
		real.repeatOp(true);
		expect(await attempt()).toEqual(reply);
		real.repeatOp(false);
	}
	return reply;
};
/** The lease that a step is about: a current one or one that was superseded. */
export const pick = (model: Model, index: number, isOld: boolean): Claimed | undefined => {
	const all = isOld ? model.superseded : [...model.current.values()];
	return all[index % Math.max(1, all.length)];
};
/** A lease has ended: its token is superseded for ever. */
export const ended = (model: Model, claimed: Claimed): void => {
	model.current.delete(claimed.task.id);
	model.joined.delete(claimed.task.id);
	model.superseded.push(claimed);
};
/** Whether a lease is still the current one of its task. */
export const isCurrent = (model: Model, claimed: Claimed): boolean => model.current.get(claimed.task.id)?.token === claimed.token;

/** Stages in which nobody may be who wrote into the task. */
export const JUDGED: readonly Stage[] = ['review', 'audit', 'merge'];

/** What an order without a token, or a plan, has taken from its holder. */
export const reconcile = async (model: Model, real: Real): Promise<void> => {
	const {team} = await real.team.snapshot();
	for (const claimed of [...model.current.values()]) if (team.tasks.get(claimed.task.id)?.token !== claimed.token) ended(model, claimed);
};

/**
 * Takes note of tasks that were handed over: of each new lease the token is new, the agent had waited, may do it, and held nothing. Leases
 * that ended without a command about them are none: that would be a lost one. Returns how many were handed over.
 */
export const adopt = async (model: Model, real: Real): Promise<number> => {
	let handed = 0;
	const {team} = await real.team.snapshot();
	for (const task of team.tasks.values()) {
		const known = model.current.get(task.id);
		if (known) expect([task.id, task.token]).toEqual([task.id, known.token]);
		if (task.state !== 'leased' || known) continue;
		expect(model.tokens.has(task.token)).toBe(false);
		expect([task.owner, model.waited.has(task.owner)]).toEqual([task.owner, true]);
		expect(PIPELINE[task.stage].role).toBe(roleOf(task.owner));
		if (JUDGED.includes(task.stage)) expect(task.authors).not.toContain(task.owner);
		expect(['test', 'merge']).not.toContain(task.stage);
		if (task.assigned !== '') expect(task.assigned).toBe(task.owner);
		if (task.needs.length > 0 && task.stage === 'develop' && task.assigned === '') expect(task.owner).toBe('agent:dev:002');
		const whole = await real.team.task(task.id);
		if (!whole) throw new Error(`there is no task ${task.id}`);
		model.tokens.add(task.token);
		model.waited.delete(task.owner);
		model.current.set(task.id, {code: 'ok', task: whole, token: task.token, leaseUntil: task.leaseUntil});
		handed++;
	}
	return handed;
};
