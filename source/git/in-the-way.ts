import type {Repository} from './repository.ts';
import {git} from './run.ts';
import {listWorkTrees} from './work-trees.ts';

/** Whether a person still has uncommitted work in one of these files where the base is checked out; false where it is checked out nowhere. */
export const areInTheWay = async (repository: Repository, base: string, files: readonly string[]): Promise<boolean> => {
	const tree = (await listWorkTrees(repository.root)).find(({branch, isPresent}) => branch === base && isPresent);
	if (!tree) return false;
	const states = ['status', '--porcelain', '-z', '--untracked-files=all', '--ignored', '--no-renames', '--ignore-submodules=all'];
	const {stdout} = await git(tree.path, [...states, '--', ...files.map(file => `:(literal,top)${file}`)]);
	return stdout !== '';
};
