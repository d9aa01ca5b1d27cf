import {copyFileSync, lstatSync, statSync, utimesSync} from 'node:fs';
import {join} from 'node:path';
import {removeFolder} from '../../os/remove-folder.ts';
import {git} from '../process/run.ts';

const MOST = 20_000;

/** Names of tracked files in a worktree. */
export const listFiles = async (root: string): Promise<readonly string[]> => {
	const {stdout} = await git(root, ['ls-files', '-z']);
	return stdout.split('\0', MOST).filter(name => name !== '');
};

/** Folders of a commit. */
export const foldersOf = async (folder: string, commit: string): Promise<readonly string[]> => {
	const {stdout} = await git(folder, ['ls-tree', '-r', '-d', '-z', '--end-of-options', commit]);
	return stdout.split('\0').flatMap(entry => (/^\d+ tree /.test(entry) ? [entry.slice(entry.indexOf('\t') + 1)] : []));
};

/** Removes repositories in folders of tracked files: `git clean` passes over a `.git`, and git that is called there would use its settings. */
export const removeNested = async (root: string, folders: readonly string[]): Promise<void> => {
	for (const folder of folders) {
		const nested = join(root, folder, '.git');
		if (lstatSync(nested, {throwIfNoEntry: false})) await removeFolder(nested);
	}
};

/** Whether the rules of line ends and filters differ: then equal files may have to be rewritten. */
export const hasOtherAttributes = async (folder: string, from: string, to: string): Promise<boolean> => {
	if (from === to) return false;
	const {code, stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--'], {accept: [128]});
	return code !== 0 || /(?:^|\0|\/)\.gitattributes\0/.test(stdout);
};

/**
 * Copies an index with its time. Git trusts recorded file times only if they are older than the index, by whole seconds: a newer copy would
 * hide a same-size change in the index's own second.
 */
export const copyIndex = (from: string, to: string): void => {
	copyFileSync(from, to);
	const {atime, mtime} = statSync(from);
	utimesSync(to, atime, mtime);
};

/** Makes git compare all recorded metadata, whatever the user's settings: a file counts as unchanged only while its inode is untouched. */
export const STRICT_INDEX: readonly string[] = [
	'core.trustCtime=true',
	'core.checkStat=default',
	'core.ignoreStat=false',
	'core.untrackedCache=false',
	'core.splitIndex=false',
	'core.sparseCheckout=false',
].flatMap(flag => ['-c', flag]);
