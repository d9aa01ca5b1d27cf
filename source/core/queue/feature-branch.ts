import {FINAL_STATES, type Task} from '../task/task.ts';

/** The branch on which the tested work of a feature gathers for one pull request. Read from the tasks alone, so it cannot contradict them after a crash. */
export type FeatureBranch = {
	readonly feature: string;
	/** Its last commit: the candidate that was gathered last. */
	readonly head: string;
	/** Unfinished tasks whose work is on it; also those that work on more of it now. */
	readonly members: readonly Task[];
	/** Tasks of the feature that still have to come: at work, waiting, failed, or back at work. */
	readonly open: readonly Task[];
	/** A task whose work is on it was cancelled, and the others were not yet: it must not merge. */
	readonly isDropped: boolean;
};

/** Whether a task's work is on the branch of its feature, and waits there for the pull request. */
export const isGathered = ({state, decision, pull}: Pick<Task, 'state' | 'decision' | 'pull'>): boolean =>
	state === 'blocked' && pull.isOfFeature && (decision === 'pull' || decision === 'closed');

const isOver = ({state}: Pick<Task, 'state'>): boolean => state !== 'failed' && FINAL_STATES.includes(state);

/** What still has to come to the branch of a task's feature, beside the task itself. */
export const othersToCome = (tasks: Iterable<Task>, {id, feature}: Pick<Task, 'id' | 'feature'>): readonly Task[] =>
	[...tasks].filter(other => other.feature === feature && other.id !== id && !isOver(other) && !isGathered(other));

/** The branches of all features that have one, by feature. */
export const featureBranches = (tasks: Iterable<Task>): ReadonlyMap<string, FeatureBranch> => {
	const all = [...tasks].filter(({feature}) => feature !== '');
	const unfinished = Map.groupBy(
		all.filter(task => !isOver(task)),
		({feature}) => feature,
	);
	const dropped = all.filter(({state, pull}) => state === 'cancelled' && pull.isOfFeature);
	const branches = new Map<string, FeatureBranch>();
	for (const [feature, tasksOf] of unfinished) {
		const members = tasksOf.filter(({pull}) => pull.isOfFeature && pull.head !== '');
		const [first] = members;
		// One Lua step writes the head of all: they never differ.
		if (!first) continue;
		const {head} = first.pull;
		const isDropped = dropped.some(task => task.feature === feature && task.pull.head === head);
		branches.set(feature, {feature, head, members, open: tasksOf.filter(task => !isGathered(task)), isDropped});
	}
	return branches;
};

/** The last commit of the branch of a task's feature; '' if it has none. */
export const featureHead = (tasks: Iterable<Task>, {feature}: Pick<Task, 'feature'>): string => {
	if (feature === '') return '';
	for (const task of tasks)
		if (task.feature === feature && task.pull.isOfFeature && task.pull.head !== '' && !isOver(task)) return task.pull.head;
	return '';
};

/** The task that stands for the whole branch: what was gathered last, while it waits there. Undefined while it is back at work. */
export const carrierOf = ({head, members}: FeatureBranch): Task | undefined =>
	members.find(task => isGathered(task) && task.candidate === head);

const OPENED_NEXT = 'its pull request is opened next';

/** Whether the pull request of a gathered task is about to be opened, by what it says. */
export const isOpenedNext = ({waitReason, pull}: Pick<Task, 'waitReason' | 'pull'>): boolean =>
	pull.isOfFeature && pull.number === 0 && waitReason.endsWith(OPENED_NEXT);

/** Why a gathered task waits, before its pull request is open: `on the branch of login: waits for t-3 and 2 more`. */
export const gatheredText = ({
	feature,
	open,
	isDropped = false,
}: Pick<FeatureBranch, 'feature' | 'open'> & {readonly isDropped?: boolean}): string => {
	if (isDropped) return `on the branch of ${feature} with the work of a cancelled task: cancel the feature, too`;
	const failed = open.filter(({state}) => state === 'failed');
	const [first] = failed.length > 0 ? failed : open;
	if (!first) return `on the branch of ${feature}: ${OPENED_NEXT}`;
	const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
	return `on the branch of ${feature}: waits for ${first.id}${first.state === 'failed' ? ', which failed' : ''}${more}`;
};
