import type {Task} from '../../core/task/task.ts';
import type {MergedTask} from '../../git/guardian/off-base.ts';
import {isObjectId} from '../../git/process/names.ts';
import type {Room} from '../parts/parts.ts';

/** Tasks a page. */
const PAGE = 500;

const short = (commit: string): string => commit.slice(0, 7);

/** The commit as which a task is, or before its removal was, on the base; '' for any other task. */
const mergeOf = ({state, mergedCommit, decision, unmergedCommit}: Task): string =>
	state === 'merged' ? mergedCommit : decision === 'unmerged' ? unmergedCommit : '';

const tasksOnBase = (tasks: Iterable<Task>): readonly (MergedTask & {readonly isMerged: boolean})[] =>
	[...tasks].flatMap(task => {
		const mergedCommit = mergeOf(task);
		return isObjectId(mergedCommit)
			? [{task: task.id, mergedCommit, commit: isObjectId(task.commit) ? task.commit : '', isMerged: task.state === 'merged'}]
			: [];
	});

/** Reads every task; needed only if a remembered merge is off the base. */
const everyTask = async ({link}: Pick<Room, 'link'>): Promise<readonly Task[]> => {
	const tasks = new Map<string, Task>();
	let cursor = '';
	do {
		const page = await link.retryUntilWritten(() => link.coordination.list(cursor, PAGE));
		for (const task of page.tasks) tasks.set(task.id, task);
		({cursor} = page);
	} while (cursor !== '');
	return [...tasks.values()];
};

/** The base as its remote has it now. Throws while that cannot be asked. */
const freshBase = async ({facts: {guardian}}: Pick<Room, 'facts'>): Promise<string> => {
	const fetched = await guardian.fetchBase();
	if (fetched.kind !== 'at') throw new Error(`whether merges were removed is not known: ${fetched.reason}`);
	return fetched.head;
};

/**
 * Compares tasks recorded as merged with the base. A task whose merge is off the base counts as merged no longer and asks a human; one whose merge
 * is back counts as merged again. Returns how many are newly off it. `by`: the author of that, in words. Guarantee: no merge is called removed by a
 * base that was read before it was recorded; another room has pushed what this clone has not fetched yet.
 */
export const recheckMerges = async (room: Pick<Room, 'facts' | 'link' | 'record'>, head: string, by: string): Promise<number> => {
	let mergedTasks = tasksOnBase(room.record.team().tasks.values());
	let off = await room.facts.guardian.offBase(mergedTasks, head);
	if (mergedTasks.some(({task, isMerged}) => isMerged && off.get(task) === '')) {
		mergedTasks = tasksOnBase(await everyTask(room));
		off = await room.facts.guardian.offBase(mergedTasks, await freshBase(room));
	}
	let lost = 0;
	for (const {task, mergedCommit, isMerged} of mergedTasks) {
		const now = off.get(task);
		if (now === '' && isMerged) {
			const why = `removed from ${room.facts.base} by ${by}: it was merged as ${short(mergedCommit)}`;
			if ((await room.link.retryUntilWritten(() => room.link.coordination.unmerge({task, mergedCommit, why}))) === 'ok') lost++;
		} else if (now !== '' && (!isMerged || now !== undefined)) {
			const text = `${room.facts.base} contains it ${isMerged ? 'as' : 'again as'} ${short(now ?? mergedCommit)}`;
			await room.link.retryUntilWritten(() =>
				room.link.coordination.remerge({task, was: mergedCommit, mergedCommit: now ?? mergedCommit, text}),
			);
		}
	}
	return lost;
};
