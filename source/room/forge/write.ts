import type {Task} from '../../core/task/task.ts';
import type {PullChange} from '../../core/team/orders.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Room} from '../parts/parts.ts';

/** Writes what became of a task's pull request, for exactly the head that the room pushed. */
export const writePull = (
	{link, lead}: Pick<Room, 'link' | 'lead'>,
	task: Task,
	change: Omit<PullChange, 'task' | 'head' | 'role' | 'mergedCommit'> & Partial<Pick<PullChange, 'role' | 'mergedCommit'>>,
): Promise<string> =>
	link.retryUntilWritten(() =>
		lead.as(() =>
			link.coordination.pullRequest({
				role: '',
				mergedCommit: '',
				...change,
				task: task.id,
				head: task.pull.head,
				text: cleanText(change.text, 300),
			}),
		),
	);
