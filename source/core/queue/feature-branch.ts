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
	const unfinished = Map.groupBy(
		[...tasks].filter(task => task.feature !== '' && !isOver(task)),
		({feature}) => feature,
	);
	const branches = new Map<string, FeatureBranch>();
	for (const [feature, all] of unfinished) {
		const members = all.filter(({pull}) => pull.isOfFeature && pull.head !== '');
		const [first] = members;
		// One Lua step writes the head of all: they never differ.
		if (first) branches.set(feature, {feature, head: first.pull.head, members, open: all.filter(task => !isGathered(task))});
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
export const gatheredText = ({feature, open}: Pick<FeatureBranch, 'feature' | 'open'>): string => {
	const failed = open.filter(({state}) => state === 'failed');
	const [first] = failed.length > 0 ? failed : open;
	if (!first) return `on the branch of ${feature}: ${OPENED_NEXT}`;
	const more = open.length > 1 ? ` and ${open.length - 1} more` : '';
	return `on the branch of ${feature}: waits for ${first.id}${first.state === 'failed' ? ', which failed' : ''}${more}`;
};
