import {createHash} from 'node:crypto';
import {constants, copyFileSync, existsSync, mkdirSync} from 'node:fs';
import {mkdir, open, writeFile} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {filesIn, type Kept, LARGEST_FILE, markOf, plainName, withPaths} from '../../core/intake/attached.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';

/** Where files of the user are kept, each below the beginning of its hash. */
export const keptFiles = (stateFolder: string): string => join(stateFolder, 'files');

const keptPath = (stateFolder: string, {hash, name}: Kept): string => join(keptFiles(stateFolder), hash, name);

/**
 * Copies a file of the user into the room's state, where texts can name it. Resolves with the mark for a text, undefined where there is no regular
 * file, or the refusal of one that is too large or unreadable.
 */
export const keepFile = async (stateFolder: string, path: string): Promise<string | undefined | Refusal> => {
	// Non-blocking: opening a FIFO would wait for a writer.
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) =>
		error.code === 'EACCES' ? 'unreadable' : undefined,
	);
	if (file === 'unreadable') return refusal('no-file', `The file \`${path}\` cannot be read.`, 'Check its permissions.');
	if (!file) return undefined;
	try {
		const stat = await file.stat();
		if (!stat.isFile()) return undefined;
		const {size} = stat;
		if (size > LARGEST_FILE)
			return refusal(
				'file-too-large',
				`The file \`${path}\` has ${Math.ceil(size / 1024 / 1024)} MB; agents get files up to ${LARGEST_FILE / 1024 / 1024} MB.`,
				'Commit it, or name a smaller one.',
			);
		const content = await file.readFile();
		const kept = {hash: createHash('sha256').update(content).digest('hex').slice(0, 16), name: plainName(basename(path))};
		await mkdir(join(keptFiles(stateFolder), kept.hash), {recursive: true, mode: 0o700});
		await writeFile(keptPath(stateFolder, kept), content, {mode: 0o600});
		return markOf(kept);
	} finally {
		await file.close();
	}
};

/** A text for an agent with the paths of its files; `copy` puts them there, each into a folder of its own below `folder`. */
export const withFiles = (text: string, stateFolder: string, folder: string): {readonly text: string; readonly copy: () => void} => {
	const files = filesIn(text).filter(file => existsSync(keptPath(stateFolder, file)));
	const placeOf = (file: Kept): string => join(folder, file.hash, file.name);
	const isHere = ({hash, name}: Kept): boolean => files.some(file => file.hash === hash && file.name === name);
	return {
		text: withPaths(text, file => (isHere(file) ? placeOf(file) : undefined)),
		copy: () => {
			for (const file of files) {
				mkdirSync(join(folder, file.hash), {recursive: true, mode: 0o700});
				copyFileSync(keptPath(stateFolder, file), placeOf(file));
			}
		},
	};
};
