import {type NewTask, type Refusal, refusal} from './action.ts';

/**
 * The tasks of a plan so that each comes after those it waits for; ids that the plan does not have are left to the queue. Refuses an
 * id given twice and a circle, naming its members.
 */
export const orderPlan = (tasks: readonly NewTask[]): {readonly ok: true; readonly tasks: readonly NewTask[]} | Refusal => {
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
