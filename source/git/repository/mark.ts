import {readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {isObjectId} from '../process/names.ts';

/** What a room keeps of its repository: the branch that received its merges, and that branch's first commit. */
export type Mark = {readonly base: string; readonly identity: string};

const fileOf = (stateFolder: string): string => join(stateFolder, 'identity.json');

/** Reads the mark of the room of this state folder; undefined if it has none, or a damaged one. */
export const readMark = (stateFolder: string): Mark | undefined => {
	try {
		const {base, identity}: Partial<Mark> = JSON.parse(readFileSync(fileOf(stateFolder), 'utf8'));
		return typeof base === 'string' && base !== '' && typeof identity === 'string' && isObjectId(identity) ? {base, identity} : undefined;
	} catch {
		return undefined;
	}
};

/** Keeps the mark; a full disk costs only the way back after a move. */
export const writeMark = (stateFolder: string, mark: Mark): void => {
	const known = readMark(stateFolder);
	if (known?.base === mark.base && known.identity === mark.identity) return;
	const file = fileOf(stateFolder);
	try {
		writeFileSync(`${file}.new-${process.pid}`, JSON.stringify(mark), {mode: 0o600});
		renameSync(`${file}.new-${process.pid}`, file);
	} catch {}
};
