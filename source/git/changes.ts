import {git} from './run.ts';

/** What a path holds on one side of a comparison. */
export type Entry = {readonly mode: string; readonly blob: string; readonly isMissing: boolean};
export type Change = {readonly from: Entry; readonly to: Entry};

const entry = (mode = '', blob = ''): Entry => ({mode, blob, isMissing: /^0+$/.test(mode)});

/** True when both hold the same content and mode. */
export const isSame = (one: Entry, other: Entry): boolean => one.mode === other.mode && one.blob === other.blob;

/** Changed paths, each file by itself (a rename is a removal and an addition). `command` is `diff-tree -r` or `diff-index --cached`. */
export const changedPaths = async (
	folder: string,
	command: readonly string[],
	commits: readonly string[],
): Promise<ReadonlyMap<string, Change>> => {
	const {stdout} = await git(folder, [...command, '-z', '--raw', '--no-renames', '--no-abbrev', ...commits, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, Change>();
	for (let at = 0; at + 1 < fields.length; at += 2) {
		const [oldMode, newMode, oldBlob, newBlob] = fields[at]?.slice(1).split(' ') ?? [];
		found.set(fields[at + 1] ?? '', {from: entry(oldMode, oldBlob), to: entry(newMode, newBlob)});
	}
	return found;
};

/** Files that were renamed between two commits (with or without edits): new name -> old name. */
export const renamedPaths = async (folder: string, from: string, to: string): Promise<ReadonlyMap<string, string>> => {
	const {stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-status', '-M', '--diff-filter=R', from, to, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, string>();
	for (let at = 0; at + 2 < fields.length; at += 3) found.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
	return found;
};
