import {mkdir, readdir, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import type {Overlay} from '../harnesses/cli.ts';

/**
 * Makes an overlay below `folder` (absolute, the session's own). A link that is there already stays: a session's folder may be made
 * twice. Nothing that lies in the person's folder is changed; of it only the folders of `keep` are made.
 */
export const makeOverlay = async (folder: string, {name, of, except, keep}: Overlay): Promise<void> => {
	const here = join(folder, name);
	await mkdir(here, {recursive: true, mode: 0o700});
	await Promise.all(keep.map(kept => mkdir(join(of, kept), {recursive: true, mode: 0o700})));
	const entries = await readdir(of).catch(() => []);
	await Promise.all(
		entries.filter(entry => !except.includes(entry)).map(entry => symlink(join(of, entry), join(here, entry)).catch(isThere)),
	);
};

const isThere = (error: NodeJS.ErrnoException): void => {
	if (error.code !== 'EEXIST') throw error;
};
