import {expect} from 'vitest';
import type {Claimed, Coordination} from '../../source/core/coordination.ts';
import {PIPELINE} from '../../source/core/pipeline.ts';
import type {TeamSnapshot} from '../../source/core/snapshot.ts';

/** Two agents of each role, so that author, reviewer and merger can differ. */
export const AGENTS = [
	...['agent:dev:001', 'agent:dev:002'].map(id => ({id, role: 'developer', capabilities: id.endsWith('2') ? ['go'] : []})),
	...['agent:rev:001', 'agent:rev:002'].map(id => ({id, role: 'code-sentinel', capabilities: []})),
	{id: 'agent:test:001', role: 'test-orchestrator', capabilities: []},
	{id: 'agent:merge:001', role: 'repository-guardian', capabilities: []},
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
};
/** The real thing beside it, and the state as the record folds into it. */
export type Real = {team: Coordination; namespace: string; op: () => string; repeatOp: (isRepeated: boolean) => void; folded: TeamSnapshot};
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
	model.superseded.push(claimed);
};
/** Whether a lease is still the current one of its task. */
export const isCurrent = (model: Model, claimed: Claimed): boolean => model.current.get(claimed.task.id)?.token === claimed.token;

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
		if (task.stage === 'review') expect(task.author).not.toBe(task.owner);
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
