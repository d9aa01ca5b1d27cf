import type {Task} from '../../core/task/task.ts';
import type {LandedTask} from '../../git/landing/off-base.ts';
import {isObjectId} from '../../git/process/names.ts';
import type {Room} from '../parts/parts.ts';

/** Tasks a page. */
const PAGE = 500;

const short = (commit: string): string => commit.slice(0, 7);

/** As which commit a task has landed, or had before that was taken off the base; '' for any other. */
const landingOf = ({state, landed, asks, wasLanded}: Task): string => (state === 'merged' ? landed : asks === 'unlanded' ? wasLanded : '');

const landedTasks = (tasks: Iterable<Task>): readonly (LandedTask & {readonly isMerged: boolean})[] =>
	[...tasks].flatMap(task => {
		const landed = landingOf(task);
		return isObjectId(landed)
			? [{task: task.id, landed, commit: isObjectId(task.commit) ? task.commit : '', isMerged: task.state === 'merged'}]
			: [];
	});

/** Every task there is: only where a landing that is known by heart is off the base. */
const everyTask = async ({link}: Pick<Room, 'link'>): Promise<readonly Task[]> => {
	const tasks = new Map<string, Task>();
	let cursor = '';
	do {
		const page = await link.persist(() => link.coordination.list(cursor, PAGE));
		for (const task of page.tasks) tasks.set(task.id, task);
		({cursor} = page);
	} while (cursor !== '');
	return [...tasks.values()];
};

/**
 * Holds what is called merged against what the base holds. A task whose landing it holds no longer is merged no more and asks a person; one whose landing
 * is there again is merged again. Returns how many are off it now that were not before. `by`: whose doing it is, in words.
 */
export const recheckLandings = async (room: Pick<Room, 'facts' | 'link' | 'record'>, head: string, by: string): Promise<number> => {
	let landings = landedTasks(room.record.team().tasks.values());
	let off = await room.facts.guardian.offBase(landings, head);
	if (landings.some(({task, isMerged}) => isMerged && off.get(task) === '')) {
		landings = landedTasks(await everyTask(room));
		off = await room.facts.guardian.offBase(landings, head);
	}
	let lost = 0;
	for (const {task, landed, isMerged} of landings) {
		const now = off.get(task);
		if (now === '' && isMerged) {
			const why = `taken off ${room.facts.base} by ${by}: it had landed as ${short(landed)}`;
			if ((await room.link.persist(() => room.link.coordination.unland({task, landed, why}))) === 'ok') lost++;
		} else if (now !== '' && (!isMerged || now !== undefined)) {
			const text = `${room.facts.base} holds it ${isMerged ? 'as' : 'again as'} ${short(now ?? landed)}`;
			await room.link.persist(() => room.link.coordination.reland({task, was: landed, landed: now ?? landed, text}));
		}
	}
	return lost;
};
