import {roleLabelWithId} from '../../core/agent/role-label.ts';
import {isHeldByBudget} from '../../core/cost/budget.ts';
import {type TasksPage, taskLine} from '../../core/protocol/output.ts';
import type {StatusLine, TaskLine} from '../../core/protocol/output-schema.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {isAsking} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {follow} from '../../socket/client.ts';
import {RoomAbsent} from '../../socket/errors.ts';
import {refused} from '../client/answers.ts';
import {askSocket, socketOf} from '../client/client.ts';
import {readStatus, withoutTeam} from '../client/read.ts';
import {viaRoomOrRedis} from '../client/via-room.ts';
import {EXIT, type Invocation, isSet, type RunCommand} from '../parse/command.ts';
import {plainJson} from '../parse/print.ts';
import {agentLines, conflictLines, lockLines, statusText, taskLines} from './status-text.ts';

/** `--exit-code`: 5 the base fails its tests, 4 something needs an answer, a retry or trust, 0 nothing. */
export const exitCodeOf = (status: StatusLine): number => {
	if (status.control.failingBase !== '' || status.control.fullTests.failed !== '') return EXIT.baseRed;
	const needsPerson =
		!status.isTrusted ||
		status.control.stray !== '' ||
		isHeldByBudget(status.control) ||
		status.agents.some(agent => ['needs-input', 'waiting', 'logged-out'].includes(agent.status)) ||
		status.counts.failed > 0 ||
		status.tasks.some(task => isAsking(task) || /^merge blocked/.test(task.waitReason)) ||
		status.banners.some(banner => banner.severity === 'error');
	return needsPerson ? EXIT.needsPerson : EXIT.ok;
};

/** `agent-room status [--exit-code]`. */
export const status: RunCommand = async invocation => {
	const state = await readStatus(invocation);
	if (isSet(invocation, 'json')) invocation.print(plainJson(state));
	else for (const line of statusText(state)) invocation.print(line);
	return isSet(invocation, 'exitCode') ? exitCodeOf(state) : EXIT.ok;
};

/** Prints a list. An empty one says so on stderr, where no script reads it. */
const list = (invocation: Invocation, lines: readonly string[], none: string): number => {
	for (const line of lines) invocation.print(line);
	if (lines.length === 0 && !isSet(invocation, 'json')) invocation.note(none);
	return EXIT.ok;
};

/** `agent-room agents`: one line an agent. */
export const agents: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	return list(invocation, isSet(invocation, 'json') ? status.agents.map(plainJson) : agentLines(status, roleLabelWithId), 'No agents.');
};

/** `agent-room locks`: one line a lock; a task's lease is shown with the task. */
export const locks: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	return list(invocation, isSet(invocation, 'json') ? status.locks.map(plainJson) : lockLines(status.locks, status.at), 'No locks.');
};

/** `agent-room conflicts`: one line for each two branches that conflict as committed. */
export const conflicts: RunCommand = async invocation => {
	const status = await readStatus(invocation);
	const found = status.conflicts;
	const lines = isSet(invocation, 'json') ? found.map(plainJson) : conflictLines(found, status.at, status.repository.base);
	return list(invocation, lines, 'No conflicts predicted.');
};

const A_PAGE = 500;

/** Collects tasks page by page; later copies are newer. */
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
		await follow(
			socketPath,
			{op: 'tasks'},
			reply => {
				if (!reply.ok) refusal = reply;
				else if (reply.data !== undefined) take(reply.data as TasksPage);
			},
			{command: invocation.command},
		);
	} catch (error) {
		if (error instanceof RoomAbsent) return undefined;
		throw error;
	}
	if (refusal) throw refused(refusal);
	return true;
};

/** All tasks, from the room or Redis; `at` is server time, epoch ms. */
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

/** `agent-room tasks`: one line a task with why it waits; all of them. */
export const tasks: RunCommand = async invocation => {
	const {at, tasks: all} = await readTasks(invocation);
	return list(invocation, isSet(invocation, 'json') ? all.map(plainJson) : taskLines(all, at), 'No tasks.');
};
