import {copyFileSync, statSync, utimesSync} from 'node:fs';

/**
 * Copies an index with its time. Git trusts a file's recorded times only where they are older than the index itself, by whole seconds:
 * a copy that looks newer would hide a change of the same size made in the second in which the index was written.
 */
export const copyIndex = (from: string, to: string): void => {
	copyFileSync(from, to);
	const {atime, mtime} = statSync(from);
	utimesSync(to, atime, mtime);
};
