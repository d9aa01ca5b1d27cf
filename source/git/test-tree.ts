import {existsSync, mkdirSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {GuardianPlace} from './clone.ts';
import {isObjectId, oneLine} from './names.ts';
import {GitRefused} from './refused.ts';
import {git, gitLine} from './run.ts';

/**
 * Makes `folder` hold exactly the candidate's files, checked against their content and not their times; ignored files (dependencies,
 * caches of earlier tests) stay. It is a small repository of its own that borrows the clone's objects: whatever a test does with git
 * ends in it, and its config and hooks are written anew each time. Nobody may be testing in it.
 */
export const prepareTestTree = async ({clone}: GuardianPlace, options: {candidate: string; folder: string}): Promise<void> => {
	const {candidate, folder} = options;
	if (!isObjectId(candidate)) throw new GitRefused('no-commit', `\`${oneLine(candidate)}\` is not a commit id`);
	const gitFolder = join(folder, '.git');
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const isFresh = !existsSync(join(gitFolder, 'index'));
	await renew(clone, folder, gitFolder);
	await git(folder, ['checkout', '--quiet', '--detach', '--force', candidate, '--']);
	await git(folder, ['clean', '--quiet', '-ffd']);
	if (!isFresh) {
		// An index that knows no times: every file is read and compared, only different ones are written.
		await git(folder, ['read-tree', candidate]);
		await git(folder, ['update-index', '-q', '--really-refresh'], {accept: [1]});
		await git(folder, ['reset', '--quiet', '--hard', candidate, '--']);
	}
	const left = await git(folder, ['status', '--porcelain', '-z', '--untracked-files=normal', '--ignore-submodules=all']);
	if (left.stdout !== '')
		throw new GitRefused('test-tree', `\`${oneLine(folder)}\` could not be brought to the candidate`, 'Remove the folder.');
};

/** Everything in `.git` that could change what a checkout writes is written anew; objects and index stay. */
const renew = async (clone: string, folder: string, gitFolder: string): Promise<void> => {
	for (const name of ['config', 'config.worktree', 'hooks', 'info', 'refs/replace', 'index.lock', 'HEAD.lock', 'shallow']) {
		rmSync(join(gitFolder, name), {recursive: true, force: true});
	}
	const format = await gitLine(clone, ['rev-parse', '--show-object-format']);
	await git(folder, ['init', '--quiet', '--template=', `--object-format=${format}`]);
	mkdirSync(join(gitFolder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(gitFolder, 'objects', 'info', 'alternates'), `${join(clone, 'objects')}\n`);
	for (const [key, value] of [
		['gc.auto', '0'],
		['user.name', 'agent-room'],
		['user.email', 'agent-room@localhost'],
	] as const) {
		await git(folder, ['config', '--local', key, value]);
	}
};
