import {existsSync, readdirSync, readFileSync, realpathSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';

/** A file of one line, such as `HEAD` or `gitdir`, without its final line break: a path may have others. '' if it cannot be read. */
export const readGitLine = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
	} catch {
		return '';
	}
};

/** Whether a git folder says of itself that it has no worktree of its own. */
export const isBare = (commonDir: string): boolean => /^\s*bare\s*=\s*true\s*$/im.test(readGitLine(join(commonDir, 'config')));

/**
 * The main worktree of a bare repository: the one that has its HEAD's branch, else the first by path. '' without a worktree. Reads files
 * only, so that it is the same from wherever a command is called.
 */
export const mainOfBare = (commonDir: string): string => {
	const folder = join(commonDir, 'worktrees');
	const entries = existsSync(folder) ? readdirSync(folder) : [];
	const worktrees = entries.flatMap(entry => {
		const link = readGitLine(join(folder, entry, 'gitdir'));
		const root = link === '' ? '' : dirname(link);
		return root !== '' && existsSync(link) ? [{root: realpathSync(root), head: readGitLine(join(folder, entry, 'HEAD'))}] : [];
	});
	const head = readGitLine(join(commonDir, 'HEAD'));
	const ordered = worktrees.toSorted((one, other) => (one.root < other.root ? -1 : 1));
	return (ordered.find(worktree => worktree.head === head) ?? ordered[0])?.root ?? '';
};

/** What a repository is called by its folder; `.bare` and the like are called as the folder around them. */
export const nameOfBare = (commonDir: string): string => {
	const name = basename(commonDir).replace(/\.git$/, '');
	return name === '' || name.startsWith('.') ? basename(dirname(commonDir)) : name;
};
