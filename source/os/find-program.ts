import {accessSync, constants, statSync} from 'node:fs';
import {delimiter, isAbsolute, join, resolve} from 'node:path';

/** A process that cannot be started: its program is missing or not executable, or its folder is gone. The message names it. */
export class ProcessRefused extends Error {
	override readonly name = 'ProcessRefused';
}

/** A plain file that this user may run. */
export const isExecutable = (file: string): boolean => {
	try {
		accessSync(file, constants.X_OK);
		return statSync(file).isFile();
	} catch {
		return false;
	}
};

const isFile = (file: string): boolean => statSync(file, {throwIfNoEntry: false})?.isFile() ?? false;

/**
 * The file that `program` names, as the kernel would find it: by `path` (the value of PATH) where it has no slash, else relative to
 * `cwd`. Refuses what is missing or not executable, and a `cwd` that is no folder: after the fork it would be too late to say so.
 */
export const findProgram = (program: string, cwd: string, path: string): string => {
	if (!statSync(cwd, {throwIfNoEntry: false})?.isDirectory()) throw new ProcessRefused(`The folder \`${cwd}\` does not exist.`);
	if (program === '') throw new ProcessRefused('The command is empty.');
	if (program.includes('\0')) throw new ProcessRefused('The command contains a NUL character.');
	if (program.includes('/')) {
		const file = isAbsolute(program) ? program : resolve(cwd, program);
		if (isExecutable(file)) return file;
		throw new ProcessRefused(isFile(file) ? `\`${program}\` is not executable.` : `\`${program}\` does not exist.`);
	}
	const folders = path.split(delimiter).map(folder => resolve(cwd, folder));
	const files = folders.map(folder => join(folder, program));
	const found = files.find(isExecutable);
	if (found) return found;
	throw new ProcessRefused(
		files.some(isFile) ? `\`${program}\` is on the PATH but not executable.` : `The command \`${program}\` is not on the PATH.`,
	);
};

/** Where a program stands on a PATH, or undefined. Relative entries are left out: they would name files of a repository. */
export const findOnPath = (name: string, path: string): string | undefined =>
	path
		.split(delimiter)
		.filter(isAbsolute)
		.map(folder => join(folder, name))
		.find(isExecutable);
