import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {personEnvironment, ROOM} from '../process/names.ts';
import {GitRefused} from '../process/refused.ts';
import {git, gitLine} from '../process/run.ts';

/** A commit for a task to start from, and whether it holds what was not committed. */
export type Start = {readonly commit: string; readonly isDirty: boolean};

/**
 * The files of a checkout as a commit: its head, or a commit on top of it with all that is not committed and not ignored. Nothing of the
 * checkout changes: neither its branch nor its index nor a file.
 * @throws GitRefused if it has no commit, or git fails.
 */
export const startOfCheckout = async (folder: string): Promise<Start> => {
	const {code, stdout} = await git(folder, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], {accept: [0, 1]});
	const head = stdout.trim();
	if (code !== 0) throw new GitRefused('no-commit', `\`${folder}\` has no commit`, 'Commit something first.');
	const scratch = mkdtempSync(join(tmpdir(), 'agent-room-'));
	try {
		const env = {...personEnvironment(ROOM), GIT_INDEX_FILE: join(scratch, 'index')};
		const top = await gitLine(folder, ['rev-parse', '--show-toplevel']);
		await git(top, ['read-tree', head], {env});
		await git(top, ['add', '--all'], {env});
		const tree = await gitLine(top, ['write-tree'], {env});
		if (tree === (await gitLine(top, ['rev-parse', `${head}^{tree}`]))) return {commit: head, isDirty: false};
		const message = 'Save what was not committed\n\nTaken from a checkout by `agent-room adopt`.\n';
		return {commit: await gitLine(top, ['commit-tree', tree, '-p', head], {env, input: message}), isDirty: true};
	} finally {
		rmSync(scratch, {recursive: true, force: true});
	}
};

/**
 * Puts what is not committed in a checkout, and not ignored, into a stash of its repository, so that it is in no merge's way.
 * @throws GitRefused if git refuses; then nothing has changed.
 */
export const stashCheckout = async (folder: string, message: string): Promise<void> => {
	const top = await gitLine(folder, ['rev-parse', '--show-toplevel']);
	await git(top, ['stash', 'push', '--include-untracked', '--quiet', '--message', message], {env: personEnvironment(ROOM)});
};

/** The commit of a branch. @throws GitRefused if there is none. */
export const startOfBranch = async (folder: string, branch: string): Promise<Start> => {
	const {code, stdout} = await git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/heads/${branch}^{commit}`], {
		accept: [0, 1, 128],
	});
	if (code !== 0) throw new GitRefused('no-branch', `there is no branch \`${branch}\``, 'See `git branch`.');
	return {commit: stdout.trim(), isDirty: false};
};
