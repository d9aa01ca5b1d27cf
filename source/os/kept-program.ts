import {constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {isRunningWith} from './at-work.ts';
import {HALF, makeWhole, removeHalves} from './make-whole.ts';
import {isOwnFolder} from './own-folder.ts';

/** What of the package a room and its agents run. */
const PARTS = ['dist', 'bin', 'lua', join('source', 'guide')];

const filesOf = (root: string, folder: string): readonly string[] => {
	if (!existsSync(join(root, folder))) return [];
	return readdirSync(join(root, folder), {withFileTypes: true}).flatMap(entry => {
		const path = join(folder, entry.name);
		return entry.isDirectory() ? filesOf(root, path) : entry.isFile() ? [path] : [];
	});
};

/** The last file that a build writes: a digest of all that a room runs. */
const idFile = (root: string): string => join(root, 'dist', 'id.txt');

/** Names one state of the program, as it was built; undefined while there is none. */
export const programId = (root: string): string | undefined =>
	existsSync(idFile(root)) ? /^[0-9a-f]{12}$/.exec(readFileSync(idFile(root), 'utf8'))?.[0] : undefined;

const isWhole = (copy: string): boolean => isOwnFolder(copy) && existsSync(join(copy, 'package.json'));

/** Copies that no room runs any more. */
const removeUnused = (folder: string, current: string): void => {
	for (const name of readdirSync(folder)) {
		const copy = join(folder, name);
		// Looking for what runs reads the whole process table, and nearly always there is only the current copy.
		if (copy === current || name.includes(HALF)) continue;
		const isUsed = ['room.js', 'program.js'].some(file => isRunningWith([join(copy, 'dist', file)]));
		if (!isUsed) rmSync(copy, {recursive: true, force: true});
	}
	removeHalves(folder, '');
};

/**
 * The program that a room starts with and keeps: a copy of the package next to the rooms' state, so that an update or a build underneath a
 * running room changes nothing for it. One copy serves all rooms of a version. The package itself where it cannot be copied, on a full disk, say.
 */
export const keepProgram = async (root: string, states: string): Promise<string> => {
	const folder = join(states, 'programs');
	// A room that was started by a kept program is one already.
	const id = dirname(root) === folder ? undefined : programId(root);
	if (id === undefined) return root;
	const copy = join(folder, id);
	try {
		await makeWhole(
			copy,
			() => isWhole(copy),
			half => {
				for (const file of PARTS.flatMap(part => filesOf(root, part))) {
					mkdirSync(dirname(join(half, file)), {recursive: true});
					copyFileSync(join(root, file), join(half, file), constants.COPYFILE_FICLONE);
				}
				const packages = [join(root, 'node_modules'), dirname(root)].find(found => existsSync(join(found, 'node-pty')));
				if (packages) symlinkSync(packages, join(half, 'node_modules'));
				copyFileSync(join(root, 'package.json'), join(half, 'package.json'));
			},
		);
		removeUnused(folder, copy);
		return copy;
	} catch {
		return root;
	}
};
