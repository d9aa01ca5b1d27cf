import {lstatSync} from 'node:fs';
import {setImmediate as breathe} from 'node:timers/promises';
import type {GitVariables} from '../process/environment.ts';
import {git} from '../process/run.ts';
import {requireBounds} from '../process/weigh.ts';
import {STRICT_INDEX} from '../repository/files.ts';
import {boundsOf} from '../store/import.ts';
import type {Tree} from './tree.ts';

/** `isPlain`: every tracked file that changed is a file, not a repository. */
export type Changes = {readonly isClean: boolean; readonly isPlain: boolean};

/** Of `status --porcelain=v2`: an untracked path, or a changed one that was and is a file or a link, or is gone. */
const PLAIN = /^(?:\? |1 \S\S N\.\.\. (?:(?:100644|100755|120000|000000) ){3})/;
/** The fields before the path. */
const BEFORE_PATH = /^(?:\? |1 (?:\S+ ){7}|u (?:\S+ ){9})/;
/** Files that are looked at before other work gets its turn. */
const MANY = 1000;

/**
 * Git reads each file to its end before it knows that it is too large: one that occupies no block may have terabytes of zeros, and one with many names
 * is read as often. Paths as `latin1`: a character is a byte.
 * @throws GitRefused `too-large`.
 */
export const requireReadable = async ({folder, store}: Tree, paths: readonly string[]): Promise<void> => {
	const {mostBytes} = boundsOf(store);
	const weight = {paths: paths.length, bytes: 0, depth: 0, path: 0};
	requireBounds(weight, mostBytes);
	for (const [at, path] of paths.entries()) {
		if (at % MANY === MANY - 1) await breathe();
		const found = lstatSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]), {throwIfNoEntry: false});
		if (found?.isFile()) weight.bytes += found.size;
	}
	requireBounds(weight, mostBytes);
};

export const unreadable = (stderr: string): readonly string[] =>
	[...stderr.matchAll(/^(?:error: open\("(.*)"\):|warning: could not open directory '(.*)':)/gm)].map(match => match[1] ?? match[2] ?? '');

/**
 * Whether there is something to save below these pathspecs, all by default. Skips submodules: git would use their configuration.
 * @throws GitRefused `too-large`, before git reads a file.
 */
export const lookAt = async (tree: Tree, env: GitVariables, wanted: readonly string[] = []): Promise<Changes> => {
	const look = ['status', '--porcelain=v2', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=dirty', '--', ...wanted];
	const {code, bytes, stderr} = await git(tree.folder, [...STRICT_INDEX, ...look], {env, accept: [128]});
	const entries = bytes.toString('latin1').split('\0').slice(0, -1);
	await requireReadable(
		tree,
		entries.map(entry => entry.replace(BEFORE_PATH, '')),
	);
	return {
		isClean: code === 0 && entries.length === 0 && unreadable(stderr).length === 0,
		isPlain: code === 0 && entries.every(entry => PLAIN.test(entry)),
	};
};
