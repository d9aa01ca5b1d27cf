import {FINAL_STATES, type WholeTask} from '../task/task.ts';
import type {PlanFacts} from './check.ts';
import {MOST_PLANNED, type Plan, type PlanTask} from './plan.ts';

const WRITER = 'documentation-writer';
const MOST_NAMES = 5;

export const documentNames = (feature: string): readonly string[] => {
	const base = `${feature.slice(0, 32).replace(/-+$/, '')}-docs`;
	return [base, ...Array.from({length: MOST_NAMES - 1}, (_, index) => `${base}-${index + 2}`)];
};

const briefOf = (plan: Plan, facts: PlanFacts, feature: WholeTask): string =>
	[
		`Document this feature for its users: ${feature.title}`,
		'',
		...(feature.description.trim() === '' ? [] : [feature.description.trim(), '']),
		'Its tasks, all merged before you start:',
		'',
		...facts.ofFeature.filter(({state}) => state !== 'cancelled').map(task => `- ${task.id}: ${task.title}`),
		...plan.tasks.map(task => `- ${task.id}: ${task.title}`),
		'',
		'Read the changes, update the existing documentation, and add only what is missing.',
	].join('\n');

/** Tasks that no other waits for: waiting for them is waiting for all. */
const lastOf = (tasks: ReadonlyArray<{readonly id: string; readonly after: readonly string[]}>): readonly string[] =>
	tasks.filter(({id}) => !tasks.some(other => other.after.includes(id))).map(({id}) => id);

/**
 * Returns the plan with a last task that documents the feature, by a docs writer, else a developer. A plan that has one, or adds nothing,
 * stays as it is. It replaces the unstarted documentation task of an earlier plan.
 */
export const withDocuments = (plan: Plan, facts: PlanFacts, feature: WholeTask): Plan => {
	if (plan.tasks.length === 0 || plan.tasks.length >= MOST_PLANNED || plan.tasks.some(task => task.role === WRITER)) return plan;
	const names = documentNames(facts.feature);
	const waiting = facts.ofFeature.filter(
		task =>
			(task.firstStage === 'document' || names.includes(task.id)) &&
			task.attempt === 0 &&
			(task.state === 'blocked' || task.state === 'ready') &&
			task.decision === '',
	);
	const isWaitedFor = (id: string): boolean => [...facts.ofFeature, ...facts.others].some(task => task.after.includes(id));
	const replaced = waiting.map(({id}) => id).filter(id => !isWaitedFor(id) && !plan.cancel.includes(id));
	const cancel = [...plan.cancel, ...replaced];
	const goingOn = facts.ofFeature.filter(task => !FINAL_STATES.includes(task.state) && !cancel.includes(task.id));
	const id = names.find(name => !facts.tasks.has(name) && !plan.tasks.some(task => task.id === name));
	if (id === undefined) return plan;
	const last: PlanTask = {
		id,
		title: `Document ${feature.title}`.slice(0, 300),
		description: briefOf(plan, facts, feature),
		acceptance: [],
		after: lastOf([...goingOn, ...plan.tasks]),
		priority: feature.priority,
		needs: [],
		paths: [],
		role: facts.team.some(({role}) => role === WRITER) ? WRITER : 'developer',
		audit: false,
	};
	return {...plan, tasks: [...plan.tasks, last], cancel};
};
