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

/** A worktree's private git folder, from its `.git` (a file in linked ones); '' for none. */
export const gitFolderOf = (worktree: string): string => {
	const pointer = /^gitdir: (.+)$/.exec(read(join(worktree, '.git')))?.[1];
	if (pointer) return resolve(worktree, pointer);
	return read(join(worktree, '.git', 'HEAD')) ? join(worktree, '.git') : '';
};

/** The `.git` that a private git folder belongs to. */
export const commonFolderOf = (gitFolder: string): string => resolve(gitFolder, read(join(gitFolder, 'commondir')) || '.');

/** A worktree's branch as full ref; '' if detached. */
export const symbolicHead = (gitFolder: string): string => /^ref: (.+)$/.exec(read(join(gitFolder, 'HEAD')))?.[1] ?? '';

/** Reads a ref as a file (0.1 ms); '' if it is in neither place, or the repository stores refs otherwise. */
export const readRef = (commonDir: string, ref: string): string => {
	const loose = read(join(commonDir, ref));
	if (loose) return isObjectId(loose) ? loose : '';
	const packed = read(join(commonDir, 'packed-refs'))
		.split('\n')
		.find(line => line.endsWith(` ${ref}`));
	const id = packed?.split(' ')[0] ?? '';
	return isObjectId(id) ? id : '';
};

/** The commit of a worktree's HEAD from files; '' if they do not tell. */
const headInFiles = (gitFolder: string): string => {
	const head = read(join(gitFolder, 'HEAD'));
	if (isObjectId(head)) return head;
	const ref = symbolicHead(gitFolder);
	return ref && readRef(commonFolderOf(gitFolder), ref);
};

/** The commit of a worktree: from files if possible, else from git. */
export const readHead = async (worktree: string): Promise<string> =>
	headInFiles(gitFolderOf(worktree)) || gitLine(worktree, ['rev-parse', '--verify', '--end-of-options', 'HEAD^{commit}']);

/** Writes a ref of the store as a file, atomically. Its objects must exist. */
export const writeRef = (clone: string, ref: string, commit: string): void => {
	const file = join(clone, ref);
	mkdirSync(dirname(file), {recursive: true});
	writeFileSync(`${file}.new-${process.pid}`, `${commit}\n`);
	renameSync(`${file}.new-${process.pid}`, file);
};
