import {join} from 'node:path';
import {openGuardian} from '../../source/git/guardian/guardian.ts';
import type {QueueEntry} from '../../source/git/guardian/prefix.ts';
import {openRepository} from '../../source/git/repository/repository.ts';
import {openStore, type Store} from '../../source/git/store/store.ts';
import {createAttempt} from '../../source/git/worktree/create.ts';
import {letGitRunApart} from './git-apart.ts';
import {createTestRepository, type TestRepository} from './repository.ts';

/** The room's own objects of a repository, beside it. */
export const openTestStore = async (project: TestRepository, base = 'main'): Promise<Store> => {
	letGitRunApart();
	return openStore(await openRepository(project.root), join(project.stateFolder, 'guardian.git'), base);
};

/** An attempt in a repository of the room's own: `git` and `commit` are its agent's. */
export const startTree = async (files: Files) => {
	const project = createTestRepository({files});
	const store = await openTestStore(project);
	const {path, branch} = await createAttempt({
		store,
		worktreesFolder: join(project.stateFolder, 'worktrees'),
		task: 't',
		attempt: 1,
		from: project.head(),
	});
	return {
		project,
		store,
		worktree: path,
		branch,
		write: (file: string, content: string): void => project.write(file, content, path),
		git: (...args: readonly string[]): string => project.git(args, path),
		commit: (message: string): string => project.commit(message, path),
	};
};

type Files = Readonly<Record<string, string>>;

/** A repository with its guardian on `base`. */
export const startGuardian = async (base = 'main', files: Files = {'README.md': 'hello\n', 'a.txt': 'a\n', 'b.txt': 'b\n'}) => {
	letGitRunApart();
	const project = createTestRepository({files});
	if (base !== 'main') project.git(['branch', base]);
	const repository = await openRepository(project.root);
	const guardian = await openGuardian({repository, folder: join(project.stateFolder, 'guardian.git'), base});
	/** The candidate of a task on `onto`, the present base when left out. */
	const prepareCommit = async (task: string, commit: string, onto = project.head(base)) => {
		const built = await guardian.buildCandidate({commit, onto, task, title: `Do ${task}`, author: 'agent:dev:001'});
		if (built.kind !== 'candidate') throw new Error(JSON.stringify(built));
		return {candidate: built.commit, expectedBase: onto, task};
	};
	/** The same for a branch with one commit of these files. */
	const prepare = async (task: string, changed: Files, from = base) => prepareCommit(task, project.branch(task, changed, from));
	/** A train: each candidate stands on the one before it. The tasks all begin at the present base. */
	const prepareQueue = async (tasks: Readonly<Record<string, Files>>) => {
		const expectedBase = project.head(base);
		const entries: QueueEntry[] = [];
		for (const [task, changed] of Object.entries(tasks)) {
			const commit = project.branch(`train/${task}`, changed, base);
			const {candidate} = await prepareCommit(task, commit, entries.at(-1)?.candidate);
			entries.push({task, candidate, testedCommit: candidate});
		}
		return {entries, expectedBase};
	};
	/** Lands a train of one car. */
	const mergeCandidate = async ({candidate, expectedBase, task}: Omit<QueueEntry, 'testedCommit'> & {expectedBase: string}) => {
		const {merged: mergedCommit, stopped} = await guardian.mergeCandidate({
			entries: [{candidate, task, testedCommit: candidate}],
			expectedBase,
		});
		return stopped ?? {kind: 'merged', commit: mergedCommit[0]?.commit};
	};
	const isHealthy = (): boolean => project.git(['fsck', '--connectivity-only', '--no-progress', '--no-dangling']) === '';
	return {project, repository, guardian, store: guardian.store, prepare, prepareCommit, prepareQueue, mergeCandidate, isHealthy};
};
