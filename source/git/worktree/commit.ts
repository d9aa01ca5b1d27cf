import {rmSync} from 'node:fs';
import {join} from 'node:path';
import {isObjectId, type Person, personEnvironment} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';
import {STRICT_INDEX} from '../repository/files.ts';
import {boundsOf, takeCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {advance, beginIndex, copyAgentIndex, settle} from './advance.ts';
import {type AgentGit, withAgentGit} from './agent-git.ts';
import {lookAt} from './changes.ts';
import {inTree, openTree, type Tree} from './tree.ts';
import {readUnfinished} from './unfinished.ts';

const refuse = (message: string, hint: string): GitRefused => new GitRefused('refused', message, hint);

const asPathspec = (path: string): string => {
	if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..'))
		throw refuse(
			`\`${path.slice(0, 100)}\` is not a path below the top folder.`,
			'Example: src/a.ts, from the top folder of the worktree.',
		);
	return `:(top,literal)${path.replace(/^(?:\.\/)+/, '') || '.'}`;
};

type Wanted = {
	readonly message: string;
	/** Paths to commit, [] for all. */
	readonly paths: readonly string[];
	readonly author: Person;
};

/** Checks the agent's HEAD for the commit: refused during a step that a commit would end wrongly. */
const standsOn = async (tree: Tree, own: AgentGit, agents: string, paths: readonly string[]) => {
	if (tree.branch === '' || own.branch() !== `refs/heads/${tree.branch}`)
		throw refuse(`The worktree is not on its branch \`${tree.branch}\`.`, `Run \`git switch ${tree.branch}\`.`);
	const head = own.head();
	if (!isObjectId(head)) throw refuse('The branch has no commit.', 'Find its last commit with `git reflog`.');
	copyAgentIndex(tree, own, agents);
	const unfinished = await readUnfinished(tree, own, agents);
	if (unfinished?.branch) throw refuse('A rebase is in progress here.', 'Run `git rebase --abort`: agent-room merges for you.');
	if (unfinished?.merging) throw refuse('A file still contains conflict markers.', 'Resolve the conflict first.');
	if (unfinished && paths.length > 0) throw refuse('A merge is in progress and must be committed whole.', 'Give no paths.');
	return {head, unfinished};
};

/**
 * Commits an agent's changes, all or under `paths`, and concludes a merge in progress. Guarantee: one ref moves, the attempt's branch, and
 * only from the worktree's commit; the room's git reads only files, so that no hook, filter, editor or signer of the agent's git runs, and
 * no word of the agent is a git option.
 * @returns the commit.
 * @throws GitRefused `refused` with a sentence if there is nothing to commit, a conflict remains, or it is on another branch; as
 * `saveWork`.
 */
export const commitWork = async (options: {readonly store: Store; readonly worktree: string} & Wanted) => {
	const {store, message} = options;
	const pathspecs = options.paths.map(asPathspec);
	if (message.trim() === '') throw refuse('Missing commit message.', 'Write one line that says why, then details.');
	const tree = openTree(store, options.worktree);
	const [index, agents] = [join(tree.gitDir, 'commit-index'), join(tree.gitDir, 'commit-agent-index')];
	const clear = (): void => {
		for (const name of [index, agents]) for (const file of [name, `${name}.lock`]) rmSync(file, {force: true});
	};
	clear();
	try {
		return await withAgentGit(tree, async own => {
			const {head, unfinished} = await standsOn(tree, own, agents, options.paths);
			const parents = [...new Set([head, ...(unfinished?.parents ?? [])])];
			await takeCommits(store, tree.folder, parents);
			await beginIndex(tree, index, head);
			const env = inTree(tree, index);
			const wanted = pathspecs.length > 0 ? pathspecs : [':(top)'];
			await lookAt(tree, env, wanted);
			const added = await git(tree.folder, [...STRICT_INDEX, 'add', '--all', '--', ...wanted], {env, accept: [1, 128]});
			if (added.code !== 0) throw refuse(`git add: ${added.stderr.trim().split('\n')[0] ?? 'it failed'}`, 'Give existing paths.');
			const made = await gitLine(tree.folder, ['write-tree'], {env, weighs: boundsOf(store)});
			const changed = await git(tree.folder, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', head, made, '--'], {env});
			const files = changed.stdout.split('\0').filter(Boolean).length;
			if (files === 0 && parents.length === 1) throw refuse('Nothing to commit.', 'See your changes with `agent-room report diff`.');
			const commit = await gitLine(tree.folder, ['commit-tree', ...parents.flatMap(parent => ['-p', parent]), '-F', '-', made], {
				input: `${message.trim()}\n`,
				env: {...env, ...personEnvironment(options.author)},
			});
			// The agent may have committed meanwhile; never commit in an exchanged folder.
			openTree(store, options.worktree);
			if (own.head() !== head) throw refuse('Your branch has moved meanwhile.', 'Try again.');
			settle(tree, commit, index);
			await advance(tree, own, {from: head, to: commit}, unfinished);
			return {commit, files};
		});
	} finally {
		clear();
	}
};
