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

/**
 * Before a command: the index says of a file all that the file system says, in one file, and git believes nothing less, whatever a
 * person's own settings are. So a file counts as unchanged only while its inode is untouched.
 */
export const STRICT_INDEX: readonly string[] = [
	'core.trustCtime=true',
	'core.checkStat=default',
	'core.ignoreStat=false',
	'core.untrackedCache=false',
	'core.splitIndex=false',
	'core.sparseCheckout=false',
].flatMap(flag => ['-c', flag]);
