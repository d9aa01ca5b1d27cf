import {constants, copyFileSync, lstatSync, mkdirSync, realpathSync} from 'node:fs';
import {dirname, join, relative, resolve, sep} from 'node:path';

/**
 * Copies the config's `copy` list into a new work tree. Only plain files that really lie inside the root and would really lie inside
 * the work tree: never through a symbolic link, never over an existing file.
 * @returns the names that were not copied: missing, no plain file, or outside.
 */
export const copyFiles = (root: string, worktree: string, names: readonly string[]): readonly string[] =>
	names.filter(name => !copyOne(realpathSync(root), realpathSync(worktree), name));

const copyOne = (root: string, worktree: string, name: string): boolean => {
	const [from, to] = [resolve(root, name), resolve(worktree, name)];
	if (!isInside(root, from) || !isInside(worktree, to)) return false;
	try {
		if (!lstatSync(from).isFile() || realpathSync(from) !== from) return false;
		mkdirSync(dirname(to), {recursive: true});
		if (realpathSync(dirname(to)) !== dirname(to)) return false;
		copyFileSync(from, to, constants.COPYFILE_EXCL);
		return true;
	} catch {
		return false;
	}
};

const isInside = (folder: string, file: string): boolean => {
	const path = relative(folder, file);
	return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && join(folder, path) === file && path.split(sep)[0] !== '.git';
};
