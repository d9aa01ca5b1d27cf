import {closeSync, constants, fstatSync, openSync, readSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import type {WholeTask} from '../../core/task/task.ts';
import {createDetachedWorktree} from '../../git/worktree/create.ts';
import {removeWorktree} from '../../git/worktree/remove.ts';
import type {Workspace} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {harnessCommand, readingFolder} from '../prepare/workspace.ts';
import type {PlannedAgent} from '../team/team.ts';
import {planBrief} from './brief.ts';

/** Tells an orchestrator where it may write its plan. */
const PLAN_FILE = 'AGENT_ROOM_PLAN_FILE';
/** A larger file is no plan, bytes. */
const LARGEST_PLAN = 1024 * 1024;

/**
 * An orchestrator reads the head of the base in a detached worktree: its commits are discarded. Its plan may be in that folder, where every agent's
 * program may write.
 */
export const placePlan = async (room: Room, task: WholeTask, token: string, agent: PlannedAgent): Promise<Workspace> => {
	const {store} = room.facts.guardian;
	const folder = readingFolder(room.facts.options.stateFolder, task, token);
	const commit = await room.merges.workBase(task);
	await createDetachedWorktree({store, folder, commit});
	const planFile = join(folder, `.agent-room-plan-${token.split(':')[0]}.yaml`);
	const leave = async (): Promise<void> => {
		// Already read, and no work to be saved.
		rmSync(planFile, {force: true, recursive: true});
		await removeWorktree({store, folder});
	};
	try {
		return {
			folder,
			branch: '',
			command: harnessCommand(agent),
			environment: {AGENT_ROOM_COMMIT: commit, [PLAN_FILE]: planFile},
			promptValues: await planBrief(room, task, {commit, planFile}),
			fields: {},
			leave,
			discard: leave,
		};
	} catch (error) {
		await leave();
		throw error;
	}
};

/** The text of an orchestrator's plan file; '' without one. Guarantee: only a plain file is read, so that no link leads elsewhere. */
export const readPlanFile = ({environment}: Workspace): string => {
	const file = environment[PLAN_FILE];
	if (file === undefined) return '';
	let descriptor: number;
	try {
		// A pipe without a writer must not block the room.
		descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch {
		return '';
	}
	try {
		const {size} = fstatSync(descriptor);
		if (!fstatSync(descriptor).isFile()) return '';
		const bytes = Buffer.alloc(Math.min(size, LARGEST_PLAN));
		return bytes.subarray(0, readSync(descriptor, bytes)).toString('utf8');
	} catch {
		return '';
	} finally {
		closeSync(descriptor);
	}
};
