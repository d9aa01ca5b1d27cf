import {trialMerges} from './merge-tree.ts';
import type {Repository} from './repository.ts';
import {gitLine} from './run.ts';
import {openScratch} from './scratch.ts';

/** How a commit stands against the base: how many commits it lacks, and in which files it does not merge (undefined: git could not tell). */
export type Against = {readonly behind: number; readonly conflicts: readonly string[] | undefined};

/** Looks at commits against others; trial merges write into `folder`, a place of its own, which is made anew when it is first needed. */
export const createAgainst = (repository: Repository, folder: string): ((commit: string, base: string) => Promise<Against>) => {
	let place: Promise<string> | undefined;
	const open = (): Promise<string> => {
		place ??= openScratch(repository, folder).catch(error => {
			place = undefined;
			throw error;
		});
		return place;
	};
	return async (commit, base) => {
		const behind = Number(await gitLine(repository.root, ['rev-list', '--count', '--end-of-options', `${commit}..${base}`, '--']));
		// What has the base in it merges with it.
		const [conflicts] = behind === 0 ? [[]] : await trialMerges(await open(), [[base, commit]]);
		return {behind, conflicts};
	};
};
