import {createHash} from 'node:crypto';
import {existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {makeWhole} from '../../os/make-whole.ts';
import {openFolders, removeFolder} from '../../os/remove-folder.ts';
import {isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {type GitResult, git} from '../process/run.ts';
import {copyIndex, foldersOf, hasOtherAttributes, removeNested, STRICT_INDEX} from '../repository/files.ts';
import type {Repository} from '../repository/repository.ts';
import {addSettings} from '../repository/settings.ts';
import {objectFormat, type Store} from '../store/store.ts';

/** Attempts to match the candidate before a folder counts as unmanageable. */
const PASSES = 3;

/**
 * Makes `folder` hold exactly the candidate's files, whatever earlier tests did; ignored files (dependencies, caches) stay. It is its own
 * small repository that borrows the clone's objects and is remade each time, so a test's git commands stay in it. No test may be running in
 * it.
 *
 * Only differences are read or written, by an index in the guardian's folder, out of reach of tests. It has inode, size and times of each
 * file, among them the inode's change time, which programs cannot set. Files touched in the second of that index are compared by content
 * (git's rule).
 */
export const prepareTestTree = async (store: Store, wanted: {candidate: string; folder: string}): Promise<void> => {
	const {candidate, folder} = wanted;
	if (!isObjectId(candidate)) throw new GitRefused('no-commit', `\`${oneLine(candidate)}\` is not a commit id`);
	try {
		await bringTo(store, wanted);
	} catch (error) {
		// Folders that a test has closed: neither git nor this process can remove what is in them.
		if (openFolders(folder) === 0) throw error;
		await bringTo(store, wanted);
	}
};

const isFolder = (path: string): boolean => lstatSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false;

const bringTo = async ({clone, repository}: Store, {candidate, folder}: {candidate: string; folder: string}): Promise<void> => {
	// A link in its place would lead to a folder of the user, which would be emptied.
	if (!isFolder(folder)) rmSync(folder, {force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const twin = await openTwin(clone, folder, repository);
	undress(twin, folder);
	const inTree = (args: readonly string[]): Promise<GitResult> =>
		git(folder, [...STRICT_INDEX, ...args], {env: {GIT_DIR: twin, GIT_WORK_TREE: folder}});
	const clean = (): Promise<GitResult> => inTree(['clean', '-ffd']);
	/** Without an index nothing is trusted: all but ignored files is removed and rewritten. */
	const beginAgain = async (): Promise<void> => {
		rmSync(join(twin, 'index'), {force: true});
		await clean();
	};
	if (await hasOtherAttributes(clone, readHead(twin) || candidate, candidate)) await beginAgain();
	writeFileSync(join(twin, 'HEAD'), `${candidate}\n`);
	for (let pass = 0; ; pass += 1) {
		await inTree(['reset', '--quiet', '--hard', candidate, '--']);
		// Uses the candidate's ignore rules, now on disk: a test may have hidden files by its own.
		const {stdout: removed} = await clean();
		const look = ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames', '--ignore-submodules=all'];
		const [{stdout: left}, folders] = await Promise.all([inTree(look), foldersOf(clone, candidate)]);
		await removeNested(folder, folders);
		// A test's rules of line ends and filters affected writes until they were removed.
		if (left === '' && !/\.gitattributes"?$/m.test(removed)) break;
		if (pass === PASSES) {
			throw new GitRefused('test-tree', `\`${oneLine(folder)}\` cannot be checked out at the merge candidate`, 'Remove the folder.');
		}
		await beginAgain();
	}
	if (existsSync(join(folder, '.gitmodules'))) await emptySubmodules(folder, inTree);
	dress(clone, twin, folder);
};

/** Removes a test tree and the guardian's record of it. No test may be running in it. */
export const removeTestTree = async (clone: string, folder: string): Promise<void> => {
	await removeFolder(twinOf(clone, folder));
	await removeFolder(folder);
};

const twinOf = (clone: string, folder: string): string =>
	join(twinsFolder(clone), createHash('sha256').update(folder).digest('hex').slice(0, 16));

/** The guardian's git folder of a test tree, inside the clone; its HEAD is the tree's candidate. */
const openTwin = async (clone: string, folder: string, {commonDir}: Repository): Promise<string> => {
	const twin = twinOf(clone, folder);
	// Left by a killed guardian.
	for (const name of ['index.lock', 'HEAD.lock']) rmSync(join(twin, name), {force: true});
	await makeWhole(
		twin,
		() => isTwin(twin),
		async half => {
			const make = ['init', '--quiet', '--bare', '--template=', `--object-format=${objectFormat(clone)}`, '--', half];
			// In no folder of tests: what a test left there may look like a repository.
			await git(clone, ['-c', 'init.defaultRefFormat=files', ...make]);
			// git-lfs may only use the repository's stored contents: there is no remote.
			const settings = [
				['core.bare', 'false'],
				['core.logAllRefUpdates', 'true'],
				['gc.auto', '0'],
				['lfs.storage', join(commonDir, 'lfs')],
			] as const;
			addSettings(half, settings);
			share(clone, half);
		},
	);
	return twin;
};

/** Whether the guardian's git folder of a test tree is complete. */
export const isTwin = (twin: string): boolean =>
	existsSync(join(twin, 'objects', 'info', 'alternates')) && existsSync(join(twin, 'config'));

/** Where they are. */
export const twinsFolder = (clone: string): string => join(clone, 'test-trees');

/** Borrows objects, never copies. */
const share = (clone: string, gitFolder: string): void => {
	mkdirSync(join(gitFolder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(gitFolder, 'objects', 'info', 'alternates'), `${join(clone, 'objects')}\n`);
};

/** Submodules cloned by a test move from the old `.git` to the new one, so that the next test needs no network. */
const MODULES = 'modules';

/** Removes the `.git` that a test has seen. */
const undress = (twin: string, folder: string): void => {
	const modules = join(folder, '.git', MODULES);
	// A link in the place of either would lead to another repository's.
	if ([join(folder, '.git'), modules].every(isFolder)) {
		rmSync(join(twin, MODULES), {recursive: true, force: true});
		renameSync(modules, join(twin, MODULES));
	}
	rmSync(join(folder, '.git'), {recursive: true, force: true});
};

/** Gives the tree the `.git` for tests: same commit and index, with no path to the guardian but its objects. */
const dress = (clone: string, twin: string, folder: string): void => {
	const gitFolder = join(folder, '.git');
	mkdirSync(join(gitFolder, 'refs', 'heads'), {recursive: true});
	share(clone, gitFolder);
	const identity = '[user]\n\tname = agent-room\n\temail = agent-room@localhost\n';
	writeFileSync(join(gitFolder, 'config'), `${readFileSync(join(twin, 'config'), 'utf8')}${identity}`);
	copyIndex(join(twin, 'index'), join(gitFolder, 'index'));
	copyIndex(join(twin, 'HEAD'), join(gitFolder, 'HEAD'));
	if (existsSync(join(twin, MODULES))) renameSync(join(twin, MODULES), join(gitFolder, MODULES));
};

/** A submodule's folder is empty until `setup` fills it, and never keeps a test's files. */
const emptySubmodules = async (folder: string, inTree: (args: readonly string[]) => Promise<GitResult>): Promise<void> => {
	const {stdout} = await inTree(['ls-files', '--stage', '-z']);
	for (const entry of stdout.split('\0').filter(line => line.startsWith('160000 '))) {
		const inner = join(folder, entry.slice(entry.indexOf('\t') + 1));
		if (!existsSync(inner) || readdirSync(inner).length === 0) continue;
		rmSync(inner, {recursive: true, force: true});
		mkdirSync(inner);
	}
};

const readHead = (twin: string): string => {
	const head = readFileSync(join(twin, 'HEAD'), 'utf8').trim();
	return isObjectId(head) ? head : '';
};
