import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {handoffNote, type LastAttempt} from '../../core/task/handoff-note.ts';
import type {Stage, Task} from '../../core/task/task.ts';
import {commitLines} from '../../git/diff/paths.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import type {Attempt} from '../parts/attempt.ts';
import {knownBase} from '../parts/moves.ts';
import type {Room} from '../parts/parts.ts';
import {logLines} from '../team/output.ts';
import {attemptName} from './attempt.ts';

/** The saved state of the worktree; `problem` if git refused. */
type Saved = {readonly commit: string; readonly wasDirty: boolean; readonly problem?: string};

const LINES = 60;
const COMMITS = 10;

/** Empty for a commit that git no longer has. */
const commitsOf = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, commit: string): Promise<readonly string[]> => {
	if (commit === '') return [];
	try {
		return await commitLines({root: room.facts.guardian.folder, base: await knownBase(room), commit, most: COMMITS});
	} catch {
		return [];
	}
};

/** A review of another agent's work has nothing to hand over. */
const isHandedOver = (stage: Stage): boolean => WRITING_STAGES.includes(stage);

/** The note that an attempt leaves at its end. The caller reads `lastLines` before anything else is written to its screen. */
export const handoffOf = async (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	attempt: Attempt,
	{reason, saved, lastLines}: {readonly reason: string; readonly saved: Saved | undefined; readonly lastLines: readonly string[]},
): Promise<Record<string, string>> => {
	const {task, agent} = attempt;
	if (!isHandedOver(task.stage)) return {};
	const last: LastAttempt = {
		agent: agent.id,
		stage: task.stage,
		attempt: task.attempt,
		ranMs: performance.now() - attempt.startedAt,
		reason,
		progress: attempt.progress,
		commits: await commitsOf(room, saved?.commit ?? ''),
		wasDirty: saved?.wasDirty === true && !saved.problem,
		lastLines,
	};
	return {handoff: handoffNote(last, task.handoff)};
};

export const lastLinesOf = ({slots}: Pick<Room, 'slots'>, {agent}: Attempt): readonly string[] =>
	slots.pane(agent.id)?.screen.tail(LINES) ?? [];

/** The note for a lease without a process: its room was killed or its agent was lost. Its last screen is in its log, if that is on this machine. */
export const handoffOfLease = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	task: Task,
	{reason, commit}: {readonly reason: string; readonly commit: string},
): Promise<Record<string, string>> => {
	if (!isHandedOver(task.stage)) return {};
	const file = join(room.facts.options.stateFolder, 'logs', `${attemptName(task, task.token)}.log`);
	const whole = await room.link.coordination.task(task.id);
	const last: LastAttempt = {
		agent: task.owner,
		stage: task.stage,
		attempt: task.attempt,
		ranMs: undefined,
		reason,
		progress: task.progress === '' ? [] : [task.progress],
		commits: await commitsOf(room, commit),
		wasDirty: false,
		lastLines: existsSync(file) ? logLines(file, LINES) : [],
	};
	return {handoff: handoffNote(last, whole?.handoff ?? '')};
};
