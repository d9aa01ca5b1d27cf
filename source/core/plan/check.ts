import {agentName} from '../agent/agent.ts';
import type {Task} from '../task/task.ts';
import type {Plan, PlanProblem, PlanTask} from './plan.ts';
import type {LineOf} from './yaml.ts';

/** State of queue and team at the moment of the check. */
export type PlanFacts = {
	readonly feature: string;
	readonly planTask: string;
	/** Those of `asked` that exist. */
	readonly tasks: ReadonlyMap<string, Task>;
	/** The feature's known tasks, without planning tasks. */
	readonly ofFeature: readonly Task[];
	/** Features that exist besides tasks of the same name. */
	readonly features: ReadonlySet<string>;
	/** There are more features than known: only the queue can tell whether one exists. */
	readonly hasMore: boolean;
	/** Role and capabilities of each member. */
	readonly team: ReadonlyArray<{readonly role: string; readonly capabilities: readonly string[]}>;
	/** Unfinished tasks of other features that wait for some task. */
	readonly others: readonly Task[];
};

const LONGEST_ID = 40;

/** Alternative ids for a task, best first: prefixed by the feature's id. */
const names = (feature: string, id: string): readonly string[] => {
	const tail = id === feature ? 'main' : id;
	const room = LONGEST_ID - 4;
	const base = `${feature.slice(0, Math.max(1, room - 1 - tail.length))}-${tail}`.slice(0, room).replace(/-+$/, '');
	return [base, ...Array.from({length: 98}, (_, index) => `${base}-${index + 2}`)];
};

/** Returns ids to look up before the check: those the plan names and their alternatives. */
export const asked = (plan: Plan, feature: string): readonly string[] => [
	...new Set([...plan.tasks.flatMap(task => [task.id, ...names(feature, task.id).slice(0, 5), ...task.after]), ...plan.cancel]),
];

const done = (task: Task): boolean => ['merged', 'planned', 'failed', 'cancelled'].includes(task.state);

const teamProblem = (task: PlanTask, team: PlanFacts['team']): {readonly key: string; readonly message: string} | undefined => {
	const ofRole = team.filter(member => member.role === task.role);
	if (ofRole.length === 0 && task.role !== 'developer')
		return {key: 'role', message: `the team has no \`${task.role}\`. ${listed('Its roles', new Set(team.map(({role}) => role)))}`};
	const missing = task.needs.find(need => !ofRole.some(member => member.capabilities.includes(need)));
	const has = new Set(ofRole.flatMap(member => member.capabilities));
	if (missing !== undefined)
		return {key: 'needs', message: `no ${task.role} has the capability \`${missing}\`. ${listed('Capabilities in the team', has)}`};
	const isServed = task.needs.length === 0 || ofRole.some(member => task.needs.every(need => member.capabilities.includes(need)));
	return isServed ? undefined : {key: 'needs', message: `no single ${task.role} has all of \`${task.needs.join(', ')}\`. Split the task.`};
};

const listed = (what: string, words: ReadonlySet<string>): string =>
	words.size > 0 ? `${what}: ${[...words].join(', ')}.` : 'The team has none.';

/** Returns what is wrong with one id of `after`; '' if nothing. */
const afterProblem = (id: string, plan: Plan, facts: PlanFacts): string => {
	if (plan.tasks.some(task => task.id === id)) return '';
	if (id === facts.planTask || (id === facts.feature && !facts.tasks.has(id))) return `\`${id}\` is the feature that this task is part of.`;
	const task = facts.tasks.get(id);
	if (!task) return facts.features.has(id) || facts.hasMore ? '' : `dependency \`${id}\` does not exist, in the plan or elsewhere.`;
	if (plan.cancel.includes(id)) return `dependency \`${id}\` is cancelled by the plan.`;
	return task.state === 'cancelled' || task.state === 'failed' ? `dependency \`${id}\` is ${task.state}.` : '';
};

const cancelProblem = (id: string, plan: Plan, facts: PlanFacts): string => {
	const task = facts.tasks.get(id);
	if (!task || task.feature !== facts.feature) return `\`${id}\` is not a task of \`${facts.feature}\`.`;
	if (id === facts.planTask) return `\`${id}\` is the planning task itself.`;
	if (done(task)) return `\`${id}\` is already ${task.state}. Remove it from the plan.`;
	if (task.stage === 'merge' && task.state === 'leased') return `\`${id}\` is merging. Remove it from the plan.`;
	const waiter = [...facts.ofFeature, ...facts.others].find(
		other => other.after.includes(id) && !done(other) && !plan.cancel.includes(other.id) && other.id !== facts.planTask,
	);
	return waiter ? `\`${waiter.id}\` depends on \`${id}\`. Cancel both, or keep \`${id}\`.` : '';
};

/** Returns new ids for tasks whose own is taken. */
const renamed = (plan: Plan, facts: PlanFacts): ReadonlyMap<string, string> => {
	const own = new Set(plan.tasks.map(task => task.id));
	const isFree = (id: string): boolean => !facts.tasks.has(id) && !facts.features.has(id) && id !== facts.feature && !own.has(id);
	const changes = new Map<string, string>();
	for (const {id} of plan.tasks) {
		const isTaken = facts.tasks.has(id) || facts.features.has(id) || id === facts.feature;
		const other = isTaken ? names(facts.feature, id).find(isFree) : undefined;
		if (other === undefined) continue;
		changes.set(id, other);
		own.add(other);
	}
	return changes;
};

/**
 * Checks a plan against team and queue and resolves taken ids with the feature's prefix. Pure; the step that creates the tasks checks
 * again.
 */
export const checkPlan = (
	plan: Plan,
	facts: PlanFacts,
	lineOf: LineOf = () => 0,
): {readonly ok: true; readonly plan: Plan} | {readonly ok: false; readonly problems: readonly PlanProblem[]} => {
	const at = (task: PlanTask): string => (lineOf('tasks', 0) > 0 ? '' : `\`${task.id}\`: `);
	const problems = plan.tasks.flatMap((task, index): readonly PlanProblem[] => {
		const say = (key: string, message: string): PlanProblem => ({line: lineOf('tasks', index, key), message: `${at(task)}${message}`});
		const known = facts.tasks.get(task.id);
		const again =
			known && known.feature === facts.feature && known.id !== facts.planTask && known.stage !== 'plan' && known.state !== 'planned'
				? [
						say(
							'id',
							`\`${task.id}\` is already a task of this feature${known.owner ? ` (owned by ${agentName(known.owner)})` : ''}. List new tasks only. To change this one, cancel it and add it under another id.`,
						),
					]
				: [];
		const team = teamProblem(task, facts.team);
		const waits = task.after.map(id => afterProblem(id, plan, facts)).filter(Boolean);
		return [...again, ...(team ? [say(team.key, team.message)] : []), ...waits.map(message => say('after', message))];
	});
	const cancels = plan.cancel.flatMap((id, index): readonly PlanProblem[] => {
		const message = cancelProblem(id, plan, facts);
		return message ? [{line: lineOf('cancel', index), message}] : [];
	});
	if (problems.length + cancels.length > 0) return {ok: false, problems: [...problems, ...cancels].toSorted((a, b) => a.line - b.line)};
	const ids = renamed(plan, facts);
	const named = (id: string): string => ids.get(id) ?? id;
	return {ok: true, plan: {...plan, tasks: plan.tasks.map(task => ({...task, id: named(task.id), after: task.after.map(named)}))}};
};
