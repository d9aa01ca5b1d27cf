import type {Coordination} from '../core/coordination.ts';
import type {TeamSnapshot} from '../core/snapshot.ts';
import {parseTask, type WholeTask} from '../core/task.ts';

/** Dependencies of one task that are looked at, so that a long list costs no more. */
const MOST_DEPENDENCIES = 100;

/**
 * One task in full as Redis has it now, and the team with what it waits for among its tasks: the room knows the heads of the queues only.
 * Undefined where there is no such task. Throws `RedisLost` while Redis is away.
 */
export const lookUp = async (
	coordination: Coordination,
	team: TeamSnapshot,
	id: string,
): Promise<{task: WholeTask; team: TeamSnapshot} | undefined> => {
	const task = await coordination.task(id);
	if (!task) return undefined;
	const unknown = task.after.slice(0, MOST_DEPENDENCIES).filter(dependency => !team.tasks.has(dependency));
	const read = unknown.length > 0 ? await coordination.read(unknown) : new Map<string, Record<string, string>>();
	const found = [...read].map(([name, fields]) => [name, parseTask(name, fields)] as const);
	return {task, team: {...team, tasks: new Map([...team.tasks, ...found, [id, task]])}};
};
