import type {Coordination} from '../core/coordination.ts';
import {type TaskLine, type TasksPage, taskLine} from '../core/output.ts';
import type {Reply} from '../core/protocol.ts';
import type {TeamSnapshot} from '../core/snapshot.ts';
import {RoomAbsent} from '../socket/errors.ts';
import {follow} from '../socket/request.ts';
import {type Invocation, isSet, type RunCommand} from './command.ts';
import {EXIT} from './exit-code.ts';
import {plainJson} from './plain-text.ts';
import {withoutTeam} from './read-status.ts';
import {refused} from './replies.ts';
import {askSocket, socketOf} from './room-client.ts';
import {taskLines} from './status-text.ts';
import {viaRoomOrRedis} from './via-room.ts';

const A_PAGE = 500;

/** Takes every task, page by page; those that come again are newer. */
type Take = (page: TasksPage) => void;

const fromRedis = async (coordination: Coordination, team: TeamSnapshot, hasTestCommand: boolean, take: Take): Promise<void> => {
	for (let cursor = ''; ; ) {
		const page = await coordination.list(cursor, A_PAGE);
		const lines = page.tasks.map(task => taskLine(task, team, page.now, {hasTestCommand}));
		take({at: page.now, tasks: withoutTeam(lines, team)});
		({cursor} = page);
		if (cursor === '') return;
	}
};

const fromRoom = async (invocation: Invocation, take: Take): Promise<true | undefined> => {
	let refusal: Reply | undefined;
	try {
		const socketPath = socketOf(invocation);
		await askSocket(socketPath, {op: 'ping'});
		await follow(socketPath, {op: 'tasks'}, reply => {
			if (!reply.ok) refusal = reply;
			else if (reply.data !== undefined) take(reply.data as TasksPage);
		});
	} catch (error) {
		if (error instanceof RoomAbsent) return undefined;
		throw error;
	}
	if (refusal) throw refused(refusal);
	return true;
};

/** Every task, from the room or from Redis; `at` is server time, epoch ms. */
export const readTasks = async (invocation: Invocation): Promise<TasksPage> => {
	const lines = new Map<string, TaskLine>();
	let at = 0;
	const take: Take = page => {
		for (const line of page.tasks) lines.set(line.id, line);
		({at} = page);
	};
	await viaRoomOrRedis(
		invocation,
		() => fromRoom(invocation, take),
		async ({coordination, configuration}) => {
			const {team} = await coordination.snapshot();
			await fromRedis(coordination, team, configuration.config.test !== undefined, take);
			return true;
		},
	);
	return {at, tasks: [...lines.values()]};
};

/** `agent-room tasks`: one line a task, with why it waits; all of them, however many. */
export const tasks: RunCommand = async invocation => {
	const {at, tasks: all} = await readTasks(invocation);
	for (const line of isSet(invocation, 'json') ? all.map(plainJson) : taskLines(all, at)) invocation.print(line);
	return EXIT.ok;
};
