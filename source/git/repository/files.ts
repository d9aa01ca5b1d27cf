import {copyFileSync, statSync, utimesSync} from 'node:fs';
import {git} from '../process/run.ts';

/** So many names are given. */
const MOST = 20_000;

/** Names of the files that git tracks below a worktree. */
export const listFiles = async (root: string): Promise<readonly string[]> => {
	const {stdout} = await git(root, ['ls-files', '-z']);
	return stdout.split('\0', MOST).filter(name => name !== '');
};

/** Whether the rules of line ends and filters differ in two commits: then files that are the same in both may have to be written otherwise. */
export const hasOtherAttributes = async (folder: string, from: string, to: string): Promise<boolean> => {
	if (from === to) return false;
	const {code, stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--'], {accept: [128]});
	return code !== 0 || /(?:^|\0|\/)\.gitattributes\0/.test(stdout);
};

/**
 * Copies an index with its time. Git trusts a file's recorded times only where they are older than the index itself, by whole seconds:
 * a copy that looks newer would hide a change of the same size made in the second in which the index was written.
 */
export const copyIndex = (from: string, to: string): void => {
	copyFileSync(from, to);
	const {atime, mtime} = statSync(from);
	utimesSync(to, atime, mtime);
};

/**
 * Before a command: the index says of a file all that the file system says, in one file, and git believes nothing less, whatever a human's
 * own settings are. So a file counts as unchanged only while its inode is untouched.
 */
export const STRICT_INDEX: readonly string[] = [
	'core.trustCtime=true',
	'core.checkStat=default',
	'core.ignoreStat=false',
	'core.untrackedCache=false',
	'core.splitIndex=false',
	'core.sparseCheckout=false',
].flatMap(flag => ['-c', flag]);
