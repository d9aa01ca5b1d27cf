import {createHash} from 'node:crypto';
import {pullBranch} from '../../core/forge/words.ts';
import {featureBranches} from '../../core/queue/feature-branch.ts';
import type {Task} from '../../core/task/task.ts';
import {hasCommit} from '../../git/store/import.ts';
import type {Store} from '../../git/store/store.ts';
import type {Room} from '../parts/parts.ts';

/** The branch of a task's pull request: the same in every life of its room and in every room of its team, and another in another team. */
export const branchOf = (room: Pick<Room, 'facts'>, task: Task): string => {
	const {id, createdAt, pull} = task;
	return pull.branch || pullBranch(task, markOf(room, `${id} ${createdAt}`));
};

const markOf = ({facts}: Pick<Room, 'facts'>, name: string): string =>
	createHash('sha256').update(`${facts.options.namespace} ${name}`).digest('hex').slice(0, 8);

/** The same for a task's feature: the branch that its other tasks are on, or a new one. */
export const featureBranchOf = (room: Pick<Room, 'facts' | 'record'>, {feature}: Pick<Task, 'feature'>): string => {
	const {tasks, features} = room.record.team();
	const known = featureBranches(tasks.values())
		.get(feature)
		?.members.find(({pull}) => pull.branch !== '');
	const {title = feature} = tasks.get(feature) ?? {};
	return (
		known?.pull.branch || pullBranch({id: feature, title}, markOf(room, `feature ${feature} ${features.get(feature)?.createdAt ?? 0}`))
	);
};

/** Whether a commit on that branch is this team's: another room may have pushed it. */
export const isOursOn =
	(store: Store, {pull}: Pick<Task, 'pull'>) =>
	async (commit: string): Promise<boolean> =>
		commit === pull.head || hasCommit(store, commit);
