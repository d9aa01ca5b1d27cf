import {git} from './run.ts';

/** Whether the rules of line ends and filters differ in two commits: then files that are the same in both may have to be written otherwise. */
export const hasOtherAttributes = async (folder: string, from: string, to: string): Promise<boolean> => {
	if (from === to) return false;
	const {code, stdout} = await git(folder, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to, '--'], {accept: [128]});
	return code !== 0 || /(?:^|\0|\/)\.gitattributes\0/.test(stdout);
};
