import {join} from 'node:path';
import type {Task} from '../../core/task/task.ts';
import {changedAmong} from '../../git/diff/paths.ts';
import {guardEnvironment, writeRefGuard} from '../../git/guard/guard.ts';
import type {Workspace} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';

/** Files that a commit changes among the guarded paths; [] if nothing is guarded. */
export const protectedFiles = async (
	{facts, merges}: Pick<Room, 'facts' | 'merges'>,
	task: Pick<Task, 'feature'>,
	commit: string,
): Promise<readonly string[]> =>
	facts.config.protectedPaths.length === 0 || commit === ''
		? []
		: changedAmong({root: facts.guardian.folder, base: await merges.workBase(task), commit, globs: facts.config.protectedPaths});

/**
 * Whether a submitted commit needs an audit: the task asks for it, has had one required before, or touches a guarded path. True if git fails:
 * nothing avoids an audit because a look failed.
 */
export const wantsAudit = async (
	room: Pick<Room, 'facts' | 'merges'>,
	task: Pick<Task, 'id' | 'audit' | 'feature'>,
	commit: string,
): Promise<boolean> => {
	if (task.audit) return true;
	try {
		return (await protectedFiles(room, task, commit)).length > 0;
	} catch (error) {
		room.facts.log(`the changes of ${task.id} could not be read, so they get a security review: ${String(error)}`);
		return true;
	}
};

/**
 * Adds a git that refuses to move refs that are not the agent's: the base, branches of other tasks, any branch in a stage that writes none. The
 * room's own programs move the base, and run without it.
 */
export const withGitGuard = async ({facts}: Pick<Room, 'facts'>, agent: PlannedAgent, workspace: Workspace): Promise<Workspace> => {
	if (agent.program) return workspace;
	const {inherited, furtherEnvironment} = facts.paths;
	const folder = join(facts.options.stateFolder, 'hooks');
	writeRefGuard(folder);
	const handedOn = Object.fromEntries(Object.entries(inherited).filter(([name]) => furtherEnvironment.includes(name)));
	const guard = await guardEnvironment({repository: facts.repository, folder, worktree: workspace.folder, inherited: handedOn});
	return {...workspace, environment: {...workspace.environment, ...guard}};
};
