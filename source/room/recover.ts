import {existsSync} from 'node:fs';
import {hostname} from 'node:os';
import type {Task} from '../core/task.ts';
import {saveWork} from '../git/save-work.ts';
import {endTree} from '../pty/process-tree.ts';
import type {Engine} from './engine.ts';

/** Ids of all lives of the room of one state folder begin alike, so that a later life knows what an earlier one left. */
export const roomPrefix = (stateName: string): string => `room:${stateName}:`;

const save = async (engine: Engine, task: Task): Promise<Record<string, string>> => {
	if (task.stage !== 'develop' || task.worktree === '' || !existsSync(task.worktree)) return {};
	try {
		const saved = await saveWork({
			worktree: task.worktree,
			message: `Save what ${task.owner} left on ${task.id}\n\nThe room ended while it worked; committed at the next start.`,
		});
		return {commit: saved.commit};
	} catch (error) {
		engine.log(`the work on ${task.id} could not be saved: ${String(error)}`);
		return {};
	}
};

/**
 * What an earlier life of this room left, after a kill -9 or a reboot: its processes are ended, their work is saved as a commit,
 * and its leases go back without costing an attempt. Safe because the room's socket is ours: the earlier life is provably dead.
 */
export const recover = async (engine: Engine, prefix: string): Promise<number> => {
	await endTree({pid: 0, startTime: ''}, ['AGENT_ROOM_SOCKET', engine.surroundings.socketPath], {graceMs: 500});
	const {team} = await engine.coordination.snapshot();
	const left = [...team.tasks.values()].filter(task => task.state === 'leased' && team.agents.get(task.owner)?.room.startsWith(prefix));
	for (const task of left) {
		const fields = await save(engine, task);
		await engine.coordination.reclaim({
			task: task.id,
			token: task.token,
			reason: 'the room had ended while it was worked on',
			isProven: true,
			counts: false,
			delayMs: 0,
			fields,
		});
	}
	// Members that the configuration no longer names have no process and never will.
	const planned = new Set(engine.team.map(agent => agent.id));
	for (const agent of team.agents.values())
		if (agent.room.startsWith(prefix) && !planned.has(agent.id) && agent.status !== 'stopped')
			await engine.coordination.describe(agent.id, {status: 'stopped'}, '');
	return left.length;
};

/** Puts the team into the registry. An id that a live agent of another room has is an error of the configuration of two rooms. */
export const registerTeam = async (engine: Engine): Promise<void> => {
	for (const agent of engine.team) {
		const result = await engine.coordination.register({
			id: agent.id,
			role: agent.role,
			capabilities: agent.capabilities,
			room: engine.roomId,
			harness: agent.harness,
			host: hostname(),
		});
		if (result === 'taken')
			throw new Error(`the agent \`${agent.id}\` belongs to another live room of this namespace; \`--namespace\` gives this room its own`);
	}
};
