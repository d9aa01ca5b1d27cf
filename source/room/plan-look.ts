import {type PlanLine, taskLine} from '../core/output.ts';
import {readProposal} from '../core/plan.ts';
import {FINAL_STATES, type Task} from '../core/task.ts';
import type {RoomFacts} from '../core/why.ts';
import type {PlanRoom} from './planning.ts';

const isPlanning = ({stage, state}: Task): boolean => stage === 'plan' || state === 'planned';

const stateOf = (task: Task | undefined): PlanLine['state'] => {
	if (!task) return 'none';
	if (task.asks === 'plan') return 'asks';
	if (task.state === 'planned') return 'planned';
	return FINAL_STATES.includes(task.state) ? 'ended' : 'planning';
};

/** How the plan of a feature stands; `id` is the feature or any task of it. Undefined where there is no such feature. */
export const lookAtPlan = async (room: PlanRoom, id: string, now: number, facts: RoomFacts): Promise<PlanLine | undefined> => {
	const named = await room.coordination.task(id);
	const feature = named?.feature || id;
	const tasks = await room.coordination.tasksOf(feature);
	if (tasks.length === 0) return undefined;
	const plans = tasks.filter(isPlanning);
	// The one that waits for a person is the one meant; else the newest that led, or may lead, to something.
	const planned =
		plans.find(task => task.asks === 'plan') ?? plans.findLast(({state}) => state !== 'cancelled' && state !== 'dead') ?? plans.at(-1);
	const whole = planned && (await room.coordination.task(planned.id));
	const team = room.state.team();
	return {
		feature,
		title: tasks.find(task => task.id === feature)?.title ?? planned?.title ?? '',
		planTask: planned?.id ?? '',
		state: stateOf(planned),
		hold: planned?.hold ?? '',
		proposal: (whole && readProposal(whole.proposal)) ?? null,
		tasks: tasks.filter(task => !isPlanning(task)).map(task => taskLine(task, team, now, facts)),
	};
};
