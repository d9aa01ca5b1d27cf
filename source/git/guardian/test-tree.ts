import {createHash} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {oneLine} from '../../core/text/quote.ts';
import {isObjectId} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {type GitResult, git, gitLine} from '../process/run.ts';
import {copyIndex, hasOtherAttributes, STRICT_INDEX} from '../repository/files.ts';
import type {Repository} from '../repository/repository.ts';
import type {Store} from '../store/store.ts';

/** How often a tree is brought nearer to its candidate before it counts as one that resists. */
const PASSES = 3;

/**
 * Makes `folder` hold exactly the candidate's files, whatever earlier tests did in it; ignored files (dependencies, caches of earlier
 * tests) stay. It is a small repository of its own that borrows the clone's objects: whatever a test does with git ends in it, and it is
 * made again each time. Nobody may be testing in it.
 *
 * Only what differs is read or written. That is known from an index which lies with the guardian, where no test reaches it: it holds the
 * inode, size and times of each file as the guardian left it, and among them the time of the last change of the inode, which no program can
 * set. What was touched within the second in which that index was written is compared by content (git's own rule).
 */
export const prepareTestTree = async (
	{clone, repository}: Store,
	{candidate, folder}: {candidate: string; folder: string},
): Promise<void> => {
	if (!isObjectId(candidate)) throw new GitRefused('no-commit', `\`${oneLine(candidate)}\` is not a commit id`);
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const twin = await openTwin(clone, folder, repository);
	undress(twin, folder);
	const inTree = (args: readonly string[]): Promise<GitResult> =>
		git(folder, [...STRICT_INDEX, ...args], {env: {GIT_DIR: twin, GIT_WORK_TREE: folder}});
	const clean = (): Promise<GitResult> => inTree(['clean', '-ffd']);
	/** Without an index nothing that is there counts: all but what is ignored goes and is written again. */
	const beginAgain = async (): Promise<void> => {
		rmSync(join(twin, 'index'), {force: true});
		await clean();
	};
	if (await hasOtherAttributes(clone, readHead(twin) || candidate, candidate)) await beginAgain();
	writeFileSync(join(twin, 'HEAD'), `${candidate}\n`);
	for (let pass = 0; ; pass += 1) {
		await inTree(['reset', '--quiet', '--hard', candidate, '--']);
		// By the candidate's own rules of ignoring, since they stand there now: a test may have hidden things by its own.
		const {stdout: removed} = await clean();
		const look = ['status', '--porcelain', '-z', '--untracked-files=normal', '--no-renames', '--ignore-submodules=all'];
		const {stdout: left} = await inTree(look);
		// Rules of line ends and filters that a test had left had a say in what was written before they went.
		if (left === '' && !/\.gitattributes"?$/m.test(removed)) break;
		if (pass === PASSES) {
			throw new GitRefused('test-tree', `\`${oneLine(folder)}\` could not be brought to the candidate`, 'Remove the folder.');
		}
		await beginAgain();
	}
	if (existsSync(join(folder, '.gitmodules'))) await emptySubmodules(folder, inTree);
	dress(clone, twin, folder);
};

/** Takes a test tree away, with what the guardian knows it by. Nobody may be testing in it. */
export const removeTestTree = (clone: string, folder: string): void => {
	rmSync(twinOf(clone, folder), {recursive: true, force: true});
	rmSync(folder, {recursive: true, force: true});
};

const twinOf = (clone: string, folder: string): string =>
	join(clone, 'test-trees', createHash('sha256').update(folder).digest('hex').slice(0, 16));

/** The git folder by which the guardian knows a test tree. It lies in the clone; its HEAD is the candidate that the tree holds. */
const openTwin = async (clone: string, folder: string, {commonDir}: Repository): Promise<string> => {
	const twin = twinOf(clone, folder);
	// A guardian that was killed may have left them.
	for (const name of ['index.lock', 'HEAD.lock']) rmSync(join(twin, name), {force: true});
	if (existsSync(join(twin, 'objects', 'info', 'alternates'))) return twin;
	rmSync(twin, {recursive: true, force: true});
	mkdirSync(join(clone, 'test-trees'), {recursive: true});
	const format = await gitLine(clone, ['rev-parse', '--show-object-format']);
	const make = ['init', '--quiet', '--template=', `--object-format=${format}`, `--separate-git-dir=${twin}`];
	await git(folder, ['-c', 'init.defaultRefFormat=files', ...make]);
	await git(folder, ['config', '--local', 'gc.auto', '0']);
	// Where git-lfs is installed, what it keeps for the repository is all that it may ask for here: there is no remote.
	await git(folder, ['config', '--local', 'lfs.storage', join(commonDir, 'lfs')]);
	rmSync(join(folder, '.git'), {force: true});
	share(clone, twin);
	return twin;
};

/** Objects are borrowed, never copied. Written last: a twin without it is made again. */
const share = (clone: string, gitFolder: string): void => {
	mkdirSync(join(gitFolder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(gitFolder, 'objects', 'info', 'alternates'), `${join(clone, 'objects')}\n`);
};

/** Submodules that a test has cloned: they move between the old `.git` and the new one, so that nobody needs a network for the next test. */
const MODULES = 'modules';

/** Takes the `.git` that a test has seen out of the tree. */
const undress = (twin: string, folder: string): void => {
	const modules = join(folder, '.git', MODULES);
	if (existsSync(modules)) {
		rmSync(join(twin, MODULES), {recursive: true, force: true});
		renameSync(modules, join(twin, MODULES));
	}
	rmSync(join(folder, '.git'), {recursive: true, force: true});
};

/** Gives the tree the `.git` that a test sees: the same commit and index, and nothing that leads to the guardian but its objects. */
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

/** A submodule is a commit of another repository: its folder holds nothing until the owner's `setup` fills it, and never what a test left. */
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
