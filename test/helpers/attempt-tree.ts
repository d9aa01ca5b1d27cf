import {join} from 'node:path';
import {createAttempt} from '../../source/git/worktree/create.ts';
import {saveWork} from '../../source/git/worktree/save.ts';
import {openTestStore} from './guardian.ts';
import {createTestRepository} from './repository.ts';

/** The message of what `save` commits. */
export const SAVED = 'Save the work';

/** The worktree of an attempt on a task, and ways to look into its repository and into the room's. */
export const startAttemptTree = async (files: Readonly<Record<string, string>> = {'a.txt': 'one\n', '.gitignore': 'ignored/\n'}) => {
	const project = createTestRepository({files});
	const store = await openTestStore(project);
	const from = project.head();
	const worktreesFolder = join(project.stateFolder, 'worktrees');
	const {path, branch} = await createAttempt({store, worktreesFolder, task: 't-1', attempt: 1, from});
	/** Plain git in the attempt's own repository, and in the room's objects. */
	const own = (...args: readonly string[]): string => project.git(args, path);
	const kept = (...args: readonly string[]): string => project.git(['--git-dir', store.clone, ...args]);
	const save = () => saveWork({store, worktree: path, message: SAVED});
	/** Another branch of the attempt's repository, made without touching its tree. */
	const beside = (name: string, files: Readonly<Record<string, string>>): string => {
		const scratch = join(project.stateFolder, `scratch-${name}`);
		own('worktree', 'add', '--quiet', '-b', name, scratch, from);
		for (const [file, content] of Object.entries(files)) project.write(file, content, scratch);
		return project.commit(name, scratch);
	};
	return {project, store, path, branch, from, own, kept, save, beside, gitFolder: join(path, '.git')};
};
