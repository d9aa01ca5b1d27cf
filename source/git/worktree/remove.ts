import {existsSync, readdirSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {removeFolder} from '../../os/remove-folder.ts';
import {slug} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git} from '../process/run.ts';
import {looselyContains} from '../repository/loose-commit.ts';
import {readRef, writeRef} from '../repository/refs.ts';
import {baseHead} from '../store/import.ts';
import type {Store} from '../store/store.ts';
import {refit, setAside} from './pool.ts';
import {saveWork} from './save.ts';
import {attemptRef, forgetTree, openTree} from './tree.ts';

/** `salvage`: the store's ref that keeps its content, '' if another ref already does. */
export type Removal = {readonly kind: 'removed'; readonly salvage: string} | {readonly kind: 'kept'; readonly reason: string};

/** The store's refs for content of removed worktrees. */
export const SALVAGE = 'refs/agent-room/salvage/';

/**
 * Removes a worktree of the room once all its content is reachable from a ref of the store: commits uncommitted changes, and creates
 * `refs/agent-room/salvage/<folder name>` unless the base or another attempt contains it. Otherwise keeps it, with the reason. Ignored
 * files are deleted. No process may be running in it. With `mustBeHeld` it stays unless something else contains its work.
 */
export const removeWorktree = async (options: {store: Store; folder: string; mustBeHeld?: boolean}): Promise<Removal> => {
	const {store} = options;
	try {
		const tree = openTree(store, options.folder);
		const name = basename(tree.folder);
		const {commit, unsaved} = await saveWork({store, worktree: tree.folder, message: `Save uncommitted changes in ${name}`});
		if (unsaved.length > 0) return {kind: 'kept', reason: `no commit can hold \`${oneLine(unsaved[0] ?? '')}\``};
		const isHeld = await isHeldElsewhere(store, commit, attemptRef(name));
		if (options.mustBeHeld && !isHeld) return {kind: 'kept', reason: `only \`${tree.branch || name}\` holds its commits`};
		const salvage = isHeld ? '' : `${SALVAGE}${slug(name)}`;
		if (salvage) salvageAs(store, salvage, commit);
		// Its files may be reused; the room's record is deleted anyway.
		const pooled = setAside(openTree(store, tree.folder));
		await removeFolder(tree.folder);
		forgetTree(tree);
		if (pooled) refit(store, pooled, commit);
		rmSync(join(store.clone, attemptRef(name)), {force: true});
		return {kind: 'removed', salvage};
	} catch (error) {
		if (error instanceof GitRefused) return {kind: 'kept', reason: error.code === 'no-worktree' ? 'its folder is missing' : error.message};
		throw error;
	}
};

/** Whether the base, or a kept ref other than `except`, contains the commit. */
const isHeldElsewhere = async (store: Store, commit: string, except: string): Promise<boolean> => {
	const head = await baseHead(store).catch(() => '');
	if (head === commit || looselyContains(store.clone, head, commit) || isAttemptAt(store, commit, except)) return true;
	const {stdout} = await git(store.clone, [
		'for-each-ref',
		`--contains=${commit}`,
		'--format=%(refname)',
		'refs/agent-room/base',
		'refs/agent-room/attempts',
		'refs/agent-room/salvage',
	]);
	return stdout.split('\n').some(ref => ref !== '' && ref !== except);
};

/** Whether another attempt's last import is exactly this commit: that of the author, where a reviewer leaves. */
const isAttemptAt = ({clone}: Store, commit: string, except: string): boolean => {
	const folder = attemptRef('');
	const names = existsSync(join(clone, folder)) ? readdirSync(join(clone, folder)) : [];
	return names.some(name => `${folder}${name}` !== except && !name.includes('.') && readRef(clone, `${folder}${name}`) === commit);
};

/** Renames an older salvage of the same name, never overwrites it: its content may exist nowhere else. */
const salvageAs = ({clone}: Store, ref: string, commit: string): void => {
	const old = readRef(clone, ref);
	if (old !== '' && old !== commit) writeRef(clone, `${ref}-${old.slice(0, 12)}`, old);
	writeRef(clone, ref, commit);
};
