import {oneLine} from '../../core/text/quote.ts';
import {isObjectId} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';
import {writeRef} from '../repository/refs.ts';
import {importCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {listWorkTrees} from '../worktree/list.ts';
import {SALVAGE} from '../worktree/remove.ts';

/** A ref that an earlier version made in the user's repository. `own`: commits that nothing else there has. */
export type LeftRef = {readonly ref: string; readonly commit: string; readonly task: string; readonly own: number};

/** What an earlier version left in the user's repository. */
export type Leftovers = {
	readonly refs: readonly LeftRef[];
	/** Worktree entries with and without an existing folder; the user checks the existing ones first. */
	readonly gone: readonly string[];
	readonly present: readonly string[];
	/** Settings as `key = value`. */
	readonly settings: readonly string[];
};

/** Branches of attempts and salvage of removed ones. */
const BRANCH = /^refs\/heads\/agent\/([a-z0-9-]+)-a\d+$/;
const SALVAGED = /^refs\/agent-room\/salvage\/([a-z0-9-]+?)(?:-a\d+)?(?:-[0-9a-f]{12})?$/;
const SETTINGS = [
	['extensions.preciousObjects', 'true'],
	['gc.auto', '0'],
] as const;

/** Reads only. `openAmong` selects unfinished tasks: their branches are left out. */
export const findLeftovers = async (
	store: Store,
	worktreesFolder: string,
	openAmong: (tasks: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Leftovers> => {
	const {root} = store.repository;
	const [listed, trees, settings] = await Promise.all([
		gitLine(root, ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads/agent', 'refs/agent-room/salvage']),
		listWorkTrees(root),
		Promise.all(
			SETTINGS.map(async ([key, value]) => ({key, value, now: await gitLine(root, ['config', '--local', '--get', key], {accept: [1]})})),
		),
	]);
	const found = listed.split('\n').flatMap(line => {
		const [ref = '', commit = ''] = line.split(' ');
		const task = (BRANCH.exec(ref) ?? SALVAGED.exec(ref))?.[1];
		return task !== undefined && isObjectId(commit) ? [{ref, commit, task}] : [];
	});
	const open = found.length === 0 ? new Set() : await openAmong([...new Set(found.map(({task}) => task))]);
	const checkedOut = new Set(trees.filter(tree => tree.isPresent).map(({branch}) => `refs/heads/${branch}`));
	const left = found.filter(({ref, task}) => !open.has(task) && !checkedOut.has(ref));
	const refs = await Promise.all(
		left.map(async one => {
			const args = [
				'rev-list',
				'--count',
				one.commit,
				'--not',
				'--exclude=refs/heads/agent/*',
				'--exclude=refs/agent-room/*',
				'--all',
				'--',
			];
			return {...one, own: Number(await gitLine(root, args))};
		}),
	);
	const ours = trees.filter(({path}) => path.startsWith(`${worktreesFolder}/`));
	// The second was only written with the first: a user's own `gc.auto = 0` alone stays.
	const isOurs = settings[0]?.now === 'true';
	return {
		refs,
		gone: ours.filter(tree => !tree.isPresent).map(({path}) => path),
		present: ours.filter(tree => tree.isPresent).map(({path}) => path),
		settings: isOurs ? settings.filter(({value, now}) => now === value).map(({key, value}) => `${key} = ${value}`) : [],
	};
};

/**
 * Removes them. The room first keeps otherwise unreachable commits under its own ref, so none is lost. Returns git's refusals, each one
 * clean line.
 */
export const removeLeftovers = async (store: Store, {refs, gone, settings}: Leftovers): Promise<readonly string[]> => {
	const {root} = store.repository;
	const refused: string[] = [];
	const trying = async (what: string, step: () => Promise<unknown>): Promise<void> => {
		await step().catch(error => refused.push(oneLine(`${what}: ${error instanceof Error ? error.message : String(error)}`)));
	};
	for (const path of gone) await trying(path, () => git(root, ['worktree', 'remove', '--force', '--force', '--', path]));
	for (const {ref, commit, own} of refs)
		await trying(ref, async () => {
			if (own > 0) {
				await importCommits(store, [commit]);
				writeRef(store.clone, `${SALVAGE}${ref.slice(ref.lastIndexOf('/') + 1)}-${commit.slice(0, 12)}`, commit);
			}
			await git(root, ['update-ref', '-d', '--end-of-options', ref, commit]);
		});
	for (const setting of settings) {
		const [key = ''] = setting.split(' ');
		await trying(key, () => git(root, ['config', '--local', '--unset', key]));
	}
	return refused;
};
