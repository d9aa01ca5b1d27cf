import {lstatSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId, type Person, personEnvironment} from '../process/names.ts';
import {GitRefused, git, gitLine} from '../process/run.ts';
import {gitFolderOf, readHead, symbolicHead} from '../repository/refs.ts';
import {endUnfinished, rebasedBranch} from './unfinished.ts';

const refuse = (message: string, hint: string): GitRefused => new GitRefused('refused', message, hint);

/** Paths of which the worktree still holds what git wrote for a conflict. */
const stillInConflict = (worktree: string, unmerged: string): readonly string[] => {
	const paths = new Set(unmerged.split('\0').flatMap(entry => /^\d+ [0-9a-f]+ [123]\t([\s\S]*)$/.exec(entry)?.[1] ?? []));
	return [...paths].filter(path => {
		const file = join(worktree, path);
		if (!lstatSync(file, {throwIfNoEntry: false})?.isFile()) return false;
		const text = readFileSync(file).toString('latin1');
		return /^<{7}/m.test(text) && /^>{7}/m.test(text);
	});
};

const mergedHeads = (gitFolder: string): readonly string[] => {
	const file = join(gitFolder, 'MERGE_HEAD');
	return lstatSync(file, {throwIfNoEntry: false})?.isFile() ? readFileSync(file, 'utf8').trim().split('\n').filter(isObjectId) : [];
};

const asPathspec = (path: string): string => {
	if (path === '' || path.includes('\0') || path.startsWith('/') || path.split('/').includes('..'))
		throw refuse(`\`${path.slice(0, 100)}\` is no path below the top folder.`, 'Such as src/a.ts, from the top folder of the worktree.');
	return `:(top,literal)${path.replace(/^(?:\.\/)+/, '') || '.'}`;
};

/**
 * Commits what an agent has changed in its worktree, all of it or what lies under `paths`, and concludes a merge that is in progress. Guarantee: one
 * ref moves, `branch`, and only from the commit that the worktree stands on; no hook, editor or signer of the repository runs, and no word of the agent is
 * an option of git.
 * @returns the commit. @throws GitRefused `refused` with a sentence where there is nothing to commit, a conflict is left, or it stands on another branch.
 */
export const commitWork = async (options: {
	readonly worktree: string;
	/** Its short name. */
	readonly branch: string;
	readonly message: string;
	readonly paths: readonly string[];
	readonly author: Person;
}): Promise<{readonly commit: string; readonly files: number}> => {
	const {worktree, branch, message, author} = options;
	const paths = options.paths.map(asPathspec);
	if (message.trim() === '') throw refuse('A commit needs a message.', 'One line that says why, then more where it helps.');
	const gitFolder = gitFolderOf(worktree);
	const ref = `refs/heads/${branch}`;
	if (rebasedBranch(gitFolder) !== '')
		throw refuse('A rebase is in progress here.', 'End it with `git rebase --abort`: the room merges for you.');
	if (branch === '' || symbolicHead(gitFolder) !== ref)
		throw refuse(`The worktree does not stand on its branch \`${branch}\`.`, `\`git switch ${branch}\` goes back to it.`);
	const unmerged = await git(worktree, ['ls-files', '--unmerged', '-z']);
	const [open] = stillInConflict(worktree, unmerged.stdout);
	if (open !== undefined) throw refuse(`\`${open}\` still holds the markers of a conflict.`, 'Bring both sides together there first.');
	const head = await readHead(worktree);
	if (!(await clearStaleLock(join(gitFolder, 'index.lock'))))
		throw refuse('Another git is at work in the worktree.', 'Try again in a moment.');
	const added = await git(worktree, ['add', '--all', '--', ...(paths.length > 0 ? paths : [':(top)'])], {accept: [1, 128]});
	if (added.code !== 0) throw refuse(`git add: ${added.stderr.trim().split('\n')[0] ?? 'it failed'}`, 'Name paths that there are.');
	const left = await git(worktree, ['ls-files', '--unmerged', '-z']);
	if (left.stdout !== '') throw refuse('Some paths in conflict are not among those that you named.', 'Name them too, or no paths at all.');
	const tree = await gitLine(worktree, ['write-tree']);
	const changed = await git(worktree, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', head, tree, '--']);
	const files = changed.stdout.split('\0').filter(Boolean).length;
	const merged = mergedHeads(gitFolder);
	if (files === 0 && merged.length === 0)
		throw refuse('There is nothing to commit.', '`agent-room report diff` shows what you have changed.');
	const commit = await gitLine(worktree, ['commit-tree', ...[head, ...merged].flatMap(parent => ['-p', parent]), '-F', '-', tree], {
		input: `${message.trim()}\n`,
		env: personEnvironment(author),
	});
	await git(worktree, ['update-ref', '-m', 'agent-room: commit', '--end-of-options', ref, commit, head]);
	if (merged.length > 0) await endUnfinished(worktree);
	return {commit, files};
};
