import {createHash} from 'node:crypto';
import {pullBranch} from '../../core/forge/words.ts';
import type {Task} from '../../core/task/task.ts';
import {hasCommit} from '../../git/store/import.ts';
import type {Store} from '../../git/store/store.ts';
import type {Room} from '../parts/parts.ts';

/** The branch of a task's pull request: the same in every life of its room and in every room of its team, and another in another team. */
export const branchOf = ({facts}: Pick<Room, 'facts'>, task: Task): string => {
	const {id, createdAt, pull} = task;
	const mark = createHash('sha256').update(`${facts.options.namespace} ${id} ${createdAt}`).digest('hex').slice(0, 8);
	return pull.branch || pullBranch(task, mark);
};

/** Whether a commit on that branch is this team's: another room may have pushed it. */
export const isOursOn =
	(store: Store, {pull}: Pick<Task, 'pull'>) =>
	async (commit: string): Promise<boolean> =>
		commit === pull.head || hasCommit(store, commit);
