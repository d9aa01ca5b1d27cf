import {existsSync} from 'node:fs';
import {git} from './run.ts';

/** One work tree as git lists it. `branch` is '' when detached; `isPresent` is false while its folder is away. */
export type ListedWorkTree = {readonly path: string; readonly head: string; readonly branch: string; readonly isPresent: boolean};

/** All work trees of a repository, the main one first. */
export const listWorkTrees = async (root: string): Promise<readonly ListedWorkTree[]> => {
	const {stdout} = await git(root, ['worktree', 'list', '--porcelain', '-z']);
	return stdout
		.split('\0\0')
		.filter(entry => entry !== '')
		.map(entry => {
			const lines = entry.split('\0');
			const value = (key: string): string => lines.find(line => line.startsWith(`${key} `))?.slice(key.length + 1) ?? '';
			const path = value('worktree');
			return {path, head: value('HEAD'), branch: value('branch').replace(/^refs\/heads\//, ''), isPresent: existsSync(path)};
		});
};
