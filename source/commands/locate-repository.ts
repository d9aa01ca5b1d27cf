import {existsSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {basename, dirname, isAbsolute, join, resolve} from 'node:path';
import {notReady} from './command-error.ts';

/** A repository as found on the disk. `root` is the top of its main work tree, so that all its worktrees share one room. */
export type Located = {readonly root: string; readonly commonDir: string; readonly name: string};

const readLine = (file: string): string | undefined => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return undefined;
	}
};

/** The git folder that a `.git` entry stands for: itself, or what its `gitdir:` line names. */
const gitFolderOf = (entry: string): string | undefined => {
	if (statSync(entry).isDirectory()) return existsSync(join(entry, 'HEAD')) ? entry : undefined;
	const target = /^gitdir: (.+)$/m.exec(readLine(entry) ?? '')?.[1];
	if (!target) return undefined;
	return isAbsolute(target) ? target : resolve(dirname(entry), target);
};

/**
 * Finds the repository around a folder by reading files only: a one-shot command can afford neither a git process nor a library.
 * Undefined where there is none. Opening a room asks git itself (`git/`), which knows more refusals.
 */
export const findRepository = (folder: string): Located | undefined => {
	for (let current = resolve(folder); ; current = dirname(current)) {
		const entry = join(current, '.git');
		const gitFolder = existsSync(entry) ? gitFolderOf(entry) : undefined;
		if (gitFolder && existsSync(gitFolder)) {
			const common = readLine(join(gitFolder, 'commondir'));
			const commonDir = realpathSync(common ? resolve(gitFolder, common) : gitFolder);
			const root = common && basename(commonDir) === '.git' ? dirname(commonDir) : realpathSync(current);
			return {root, commonDir, name: basename(common && basename(commonDir) !== '.git' ? commonDir : root)};
		}
		if (current === dirname(current)) return undefined;
	}
};

/** The same; no repository is a refusal with exit 3. */
export const locateRepository = (folder: string): Located => {
	if (!existsSync(folder)) throw notReady('no-folder', `There is no folder \`${folder}\`.`, 'Give another one with --repo.');
	const found = findRepository(folder);
	if (found) return found;
	throw notReady(
		'no-repository',
		`\`${folder}\` is not in a git repository.`,
		'Go to one, give it with --repo DIR, or make one with `git init`.',
	);
};
