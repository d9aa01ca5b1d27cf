import {accessSync, constants, statSync} from 'node:fs';
import {delimiter, isAbsolute, join, resolve} from 'node:path';

/** A process cannot start: program missing or not executable, or folder missing. The message names it. */
export class ProcessRefused extends Error {
	override readonly name = 'ProcessRefused';
}

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
 * Finds the file of `program` like the kernel: by `path` (PATH) without a slash, else relative to `cwd`. Refuses a missing or
 * non-executable one, and a `cwd` that is no folder: after the fork it is too late.
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

/** Finds a program on a PATH, or undefined. Skips relative entries: they would name files of a repository. */
export const findOnPath = (name: string, path: string): string | undefined =>
	path
		.split(delimiter)
		.filter(isAbsolute)
		.map(folder => join(folder, name))
		.find(isExecutable);
