import {type TaskDetail, taskDetail} from '../core/output.ts';
import {whatMoves} from '../core/what-moves.ts';
import {whyHere} from '../core/why-here.ts';
import {type Invocation, isSet, type RunCommand} from './command.ts';
import {CommandError} from './command-error.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {askIfRunning} from './room-client.ts';
import {type ShownTask, taskText} from './task-text.ts';
import {viaRoomOrRedis} from './via-room.ts';

const missing = (id: string): CommandError => new CommandError('gone', `There is no task \`${id}\`.`, '`agent-room tasks` lists them.');

const readTask = (invocation: Invocation, id: string): Promise<ShownTask> => {
	const viaRoom = async (): Promise<ShownTask | undefined> => {
		const reply = await askIfRunning(invocation, {op: 'explain', id});
		if (!reply) return undefined;
		const {task, why, moves}: Readonly<Record<string, unknown>> = typeof reply.data === 'object' && reply.data ? {...reply.data} : {};
		if (typeof task !== 'object' || !task) throw missing(id);
		return {detail: task as TaskDetail, why: String(why ?? ''), moves: String(moves ?? '')};
	};
	return viaRoomOrRedis(invocation, viaRoom, async ({coordination}) => {
		const {lookUp} = await import('../room/look-up.ts');
		const snapshot = await coordination.snapshot();
		const found = await lookUp(coordination, snapshot.team, id);
		if (!found) throw missing(id);
		const {task, team} = found;
		return {detail: taskDetail(task, team, snapshot.now), why: whyHere(task, team, snapshot.now), moves: whatMoves(task, team)};
	});
};

/** `agent-room task ID`: one task in full. */
export const task: RunCommand = async invocation => {
	const shown = await readTask(invocation, (invocation.input[0] ?? '').toLowerCase());
	if (isSet(invocation, 'json')) invocation.print(plainJson(shown.detail));
	else for (const line of taskText(shown)) invocation.print(line);
	return EXIT.ok;
};
