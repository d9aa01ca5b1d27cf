import {oneLine} from '../../core/text/quote.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitWords} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {readBranch} from '../repository/repository.ts';
import {BASE_REF, FETCH} from '../store/import.ts';
import {type Store, sendObjects} from '../store/store.ts';
import {hasDescended, listWorkTrees} from '../worktree/list.ts';

/** `made`: created. `moved`: fast-forwarded. `there`: already done. */
export type Brought = 'made' | 'moved' | 'there';

const ZERO = '0'.repeat(40);

/**
 * Fetches a commit of the room into the user's repository as one branch, by the user's order. Checks every object; runs no hook or
 * configuration of an agent and touches no worktree.
 * @throws GitRefused `branch-exists` (it has other commits, or is checked out behind this one), `bad-name`, `git-failed`. Nothing has
 * changed then.
 */
export const bringBranch = async (store: Store, {commit, branch}: {commit: string; branch: string}): Promise<Brought> => {
	const {clone, repository} = store;
	const {root, commonDir} = repository;
	const name = oneLine(branch);
	const ref = `refs/heads/${branch}`;
	const {code} = await git(root, ['check-ref-format', ref], {accept: [1, 129]});
	if (code !== 0 || branch.startsWith('-'))
		throw new GitRefused('bad-name', `\`${name}\` is not a valid branch name`, 'Give another name.');
	if (branch === store.base) throw exists(name, 'is the base branch, which only agent-room moves');
	const before = await readBranch(repository, branch).catch(() => '');
	if (before === commit) return 'there';
	if (before !== '') {
		const isBehind = await hasDescended(clone, commit, before);
		const isOpen = isBehind && (await listWorkTrees(root)).some(tree => tree.branch === branch);
		if (!isBehind) throw exists(name, `exists with other commits (\`${before.slice(0, 12)}\`)`);
		if (isOpen) throw exists(name, 'is checked out and behind this work');
	}
	const known = readRef(clone, BASE_REF);
	if (!(await sendObjects(clone, commonDir, {wanted: [commit], known: known === '' ? [] : [known]})))
		await git(root, [...FETCH, '--end-of-options', clone, commit]);
	const made = await git(
		root,
		['update-ref', '--create-reflog', '-m', 'agent-room: checkout', '--end-of-options', ref, commit, before || ZERO],
		{accept: [1, 128]},
	);
	if (made.code !== 0) throw new GitRefused('git-failed', `git did not create \`${name}\`: ${gitWords(made.stderr)}`, 'Give another name.');
	return before === '' ? 'made' : 'moved';
};

const exists = (name: string, how: string): GitRefused =>
	new GitRefused('branch-exists', `the branch \`${name}\` ${how}`, 'Give another name, or delete the branch. Nothing was changed.');
