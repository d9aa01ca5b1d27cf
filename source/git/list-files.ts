import {git} from './run.ts';

/** So many names are given. */
const MOST = 20_000;

/** Names of the files that git tracks below a work tree. */
export const listFiles = async (root: string): Promise<readonly string[]> => {
	const {stdout} = await git(root, ['ls-files', '-z']);
	return stdout.split('\0', MOST).filter(name => name !== '');
};
