import {git} from '../process/run.ts';

/** Whether a commit has files that are stored by git-lfs: a pointer in the repository, and their content elsewhere. */
export const hasLargeFiles = async (root: string, commit: string): Promise<boolean> => {
	const asked = ['grep', '--quiet', '--fixed-strings', '-e', 'filter=lfs', '--end-of-options', commit, '--', ':(glob)**/.gitattributes'];
	return (await git(root, asked, {accept: [1, 128]})).code === 0;
};
