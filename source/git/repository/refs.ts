import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import {isObjectId} from '../process/names.ts';
import {gitLine} from '../process/run.ts';

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return '';
	}
};

/** The private git folder of a worktree, read from its `.git` (a file in linked ones); '' if there is none. */
export const gitFolderOf = (worktree: string): string => {
	const pointer = /^gitdir: (.+)$/.exec(read(join(worktree, '.git')))?.[1];
	if (pointer) return resolve(worktree, pointer);
	return read(join(worktree, '.git', 'HEAD')) ? join(worktree, '.git') : '';
};

/** The `.git` that a private git folder shares with the others. */
export const commonFolderOf = (gitFolder: string): string => resolve(gitFolder, read(join(gitFolder, 'commondir')) || '.');

/** The branch that a worktree is on, as its full ref; '' when detached. */
export const symbolicHead = (gitFolder: string): string => /^ref: (.+)$/.exec(read(join(gitFolder, 'HEAD')))?.[1] ?? '';

/** A ref of a repository read as a file (0.1 ms); '' when it is in neither place, also because the repository keeps refs otherwise. */
export const readRef = (commonDir: string, ref: string): string => {
	const loose = read(join(commonDir, ref));
	if (loose) return isObjectId(loose) ? loose : '';
	const packed = read(join(commonDir, 'packed-refs'))
		.split('\n')
		.find(line => line.endsWith(` ${ref}`));
	const id = packed?.split(' ')[0] ?? '';
	return isObjectId(id) ? id : '';
};

/** The commit of a worktree's HEAD as it stands in files; '' if they do not say. */
const headInFiles = (gitFolder: string): string => {
	const head = read(join(gitFolder, 'HEAD'));
	if (isObjectId(head)) return head;
	const ref = symbolicHead(gitFolder);
	return ref && readRef(commonFolderOf(gitFolder), ref);
};

/** The commit that a worktree stands on: from files where possible, else by asking git. */
export const readHead = async (worktree: string): Promise<string> =>
	headInFiles(gitFolderOf(worktree)) || gitLine(worktree, ['rev-parse', '--verify', '--end-of-options', 'HEAD^{commit}']);

/** Writes a ref of the store's own names, where refs are files: whole or not at all. Its objects have to be there. */
export const writeRef = (clone: string, ref: string, commit: string): void => {
	const file = join(clone, ref);
	mkdirSync(dirname(file), {recursive: true});
	writeFileSync(`${file}.new-${process.pid}`, `${commit}\n`);
	renameSync(`${file}.new-${process.pid}`, file);
};
