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
	for (let at = 0; at + 1 < fields.length; at += 2) found.set(fields[at + 1] ?? '', readChange(fields[at] ?? ''));
	return found;
};

/** One raw line of git: `:<old mode> <new mode> <old blob> <new blob> <kind>`. */
const readChange = (raw: string): Change => {
	const [oldMode, newMode, oldBlob, newBlob] = raw.slice(1).split(' ');
	return {from: entry(oldMode, oldBlob), to: entry(newMode, newBlob)};
};

/** Changed paths of many pairs of commits, all by one process; the answer is asked with a pair that was given. */
export const comparisons = async (
	folder: string,
	pairs: readonly {readonly from: string; readonly to: string}[],
): Promise<(from: string, to: string) => ReadonlyMap<string, Change>> => {
	const found = pairs.map(() => new Map<string, Change>());
	if (pairs.length > 0) {
		const {stdout} = await git(folder, ['diff-tree', '--stdin', '--always', '-r', '-z', '--raw', '--no-renames', '--no-abbrev'], {
			input: pairs.map(({from, to}) => `${to} ${from}\n`).join(''),
		});
		// For each pair the commit's own id, then its changes, each with the path as the next field.
		const fields = stdout.split('\0');
		let pair = -1;
		for (let at = 0; at < fields.length - 1; at += 1) {
			const field = fields[at] ?? '';
			if (!field.startsWith(':')) pair += 1;
			else found[pair]?.set(fields[++at] ?? '', readChange(field));
		}
	}
	return (from, to) => found[pairs.findIndex(pair => pair.from === from && pair.to === to)] ?? new Map();
};

/** Files that were renamed between two commits (with or without edits): new name -> old name. */
export const renamedPaths = async (folder: string, from: string, to: string): Promise<ReadonlyMap<string, string>> => {
	const {stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-status', '-M', '--diff-filter=R', from, to, '--']);
	const fields = stdout.split('\0');
	const found = new Map<string, string>();
	for (let at = 0; at + 2 < fields.length; at += 3) found.set(fields[at + 2] ?? '', fields[at + 1] ?? '');
	return found;
};
