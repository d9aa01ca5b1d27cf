import type {Task} from '../core/task.ts';
import {changedAmong} from '../git/diff.ts';
import type {Engine} from './engine.ts';

/** Files that a commit changes among the guarded paths; [] where nothing is guarded. */
export const guardedFiles = async ({config, repository, guardian}: Engine, commit: string): Promise<readonly string[]> =>
	config.guarded.length === 0 || commit === ''
		? []
		: changedAmong({root: repository.root, base: await guardian.baseHead(), commit, globs: config.guarded});

/**
 * Whether a handed-in commit goes through an audit: the task asks for it, has had to before, or touches a guarded path. Where git cannot tell, it
 * does: nothing slips past because a look failed.
 */
export const wantsAudit = async (engine: Engine, task: Pick<Task, 'id' | 'audit'>, commit: string): Promise<boolean> => {
	if (task.audit) return true;
	try {
		return (await guardedFiles(engine, commit)).length > 0;
	} catch (error) {
		engine.log(`what ${task.id} changes could not be looked at, so it is audited: ${String(error)}`);
		return true;
	}
};
