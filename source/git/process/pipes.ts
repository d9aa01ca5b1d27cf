import {readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {type Beneath, openBeneath} from '../../os/beneath.ts';

/** After such a time of git in a worktree, and again, pipes are looked for, ms. */
const PATIENCE_MS = 3000;

/** Removes the pipes in a folder of a tree, by their paths from its top: what is read here may be another place by then. */
const removeIn = async (top: string, path: string, files: Beneath): Promise<void> => {
	for (const entry of await readdir(join(top, path), {withFileTypes: true})) {
		const each = join(path, entry.name);
		if (entry.isDirectory()) await removeIn(top, each, files).catch(() => undefined);
		else if (entry.isFIFO() && entry.name.startsWith('.git')) files.removePipe(each);
	}
};

const removePipes = async (folder: string): Promise<void> => {
	const files = openBeneath(folder);
	try {
		await removeIn(folder, '', files);
	} finally {
		files.close();
	}
};

/**
 * Runs git on files that untrusted programs have written. Git reads `.gitignore`, `.gitattributes` and `.gitmodules` wherever they are, and waits for
 * ever where one is a pipe: if git takes long, such pipes are removed.
 */
export const withoutPipes = async <T>(folder: string, run: () => Promise<T>): Promise<T> => {
	let isOver = false;
	const look = (): NodeJS.Timeout =>
		setTimeout(async () => {
			await removePipes(folder).catch(() => undefined);
			if (!isOver) timer = look();
		}, PATIENCE_MS).unref();
	let timer = look();
	try {
		return await run();
	} finally {
		isOver = true;
		clearTimeout(timer);
	}
};
