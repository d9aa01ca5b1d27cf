import {type NewTask, type Refusal, refusal} from './action.ts';

/** Tasks that are accepted in one step: it holds up all others for some hundred milliseconds. */
export const MOST_AT_ONCE = 2000;

/**
 * The tasks of a plan so that each comes after those it waits for; ids that the plan does not have are left to the queue. Refuses an
 * id given twice, a circle, naming its members, and more than one step may take.
 */
export const orderPlan = (tasks: readonly NewTask[]): {readonly ok: true; readonly tasks: readonly NewTask[]} | Refusal => {
	if (tasks.length > MOST_AT_ONCE)
		return refusal(
			'bad-plan',
			`The plan has ${tasks.length} tasks; at most ${MOST_AT_ONCE} are added at once.`,
			'Make several plans of it.',
		);
	const ids = tasks.flatMap(task => (task.id === undefined ? [] : [task.id]));
	const twice = ids.find((id, index) => ids.indexOf(id) !== index);
	if (twice !== undefined) return refusal('bad-plan', `The plan has the id \`${twice}\` twice.`, 'Give each task an id of its own.');
	const own = new Set(ids);
	const placed = new Set<string>();
	const ordered: NewTask[] = [];
	let rest = tasks;
	while (rest.length > 0) {
		const free = rest.filter(task => (task.after ?? []).every(id => !own.has(id) || placed.has(id)));
		if (free.length === 0) {
			const circle = rest.flatMap(task => task.id ?? []).join('`, `');
			return refusal('bad-plan', `In the plan \`${circle}\` wait for one another.`, 'Take one of them out of `after`.');
		}
		ordered.push(...free);
		for (const task of free) if (task.id !== undefined) placed.add(task.id);
		rest = rest.filter(task => !free.includes(task));
	}
	return {ok: true, tasks: ordered};
};
