import {spawnSync} from 'node:child_process';
import {isObjectId} from '../process/names.ts';

const LOOK_MS = 10_000;

/** Whether a repository has a commit, asked in place and without the net; false where git cannot say. */
export const holdsCommit = (commonDir: string, commit: string): boolean => {
	if (!isObjectId(commit)) return false;
	const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
	const env = {...Object.fromEntries(kept), GIT_NO_LAZY_FETCH: '1'};
	const args = [`--git-dir=${commonDir}`, 'cat-file', '-e', '--end-of-options', `${commit}^{commit}`];
	return spawnSync('git', args, {env, stdio: 'ignore', timeout: LOOK_MS}).status === 0;
};
