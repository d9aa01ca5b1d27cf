import {existsSync} from 'node:fs';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gitFolderOf} from '../../git/repository/refs.ts';
import type {Resolution, Situation} from './steps.ts';
import {git, runCommand} from './worktree.ts';

/**
 * Keeps both sides of every conflict, ours first, without a three-way ancestor. A real agent does so only where both lines are wanted; the
 * scripted one does it blindly.
 */
export const keepBothSides = (text: string): string => {
	let side: 'none' | 'ours' | 'ancestor' | 'theirs' = 'none';
	return text
		.split('\n')
		.filter(line => {
			if (/^<{7}( |$)/.test(line)) side = 'ours';
			else if (side !== 'none' && /^\|{7}( |$)/.test(line)) side = 'ancestor';
			else if (side !== 'none' && /^={7}$/.test(line)) side = 'theirs';
			else if (side !== 'none' && /^>{7}( |$)/.test(line)) side = 'none';
			else return side !== 'ancestor';
			return false;
		})
		.join('\n');
};

/** Whether a merge is in progress in this worktree. */
export const isMerging = (worktree: string): boolean => existsSync(join(gitFolderOf(worktree), 'MERGE_HEAD'));

const takeSide = async (side: 'ours' | 'theirs', files: readonly string[], situation: Situation): Promise<void> => {
	for (const file of files) {
		const taken = await runCommand(['git', 'checkout', `--${side}`, '--', file], situation, undefined);
		// The chosen side deleted the file.
		if (taken.exitCode !== 0) await git(situation, 'rm', '--quiet', '--force', '--', file);
	}
};

const keepBoth = async (files: readonly string[], situation: Situation): Promise<void> => {
	for (const name of files) {
		const file = join(situation.worktree, name);
		if (existsSync(file)) await writeFile(file, keepBothSides(await readFile(file, 'utf8')));
	}
};

const WORDS = {
	both: 'both sides kept',
	ours: 'our side taken',
	theirs: 'their side taken',
	markers: 'the markers left',
	nothing: 'left as it is',
} as const satisfies Record<Resolution, string>;

/**
 * Concludes the merge in progress, or merges the base into the branch. Returns a message with the conflicting files and how they were
 * resolved.
 */
export const resolveConflict = async (how: Resolution, situation: Situation): Promise<string> => {
	const isBegun = isMerging(situation.worktree);
	const what = isBegun ? 'what was in progress' : situation.base;
	if (!isBegun) {
		const merge = await runCommand(
			['git', 'merge', '--no-edit', '-m', `Merge ${situation.base}`, '--', situation.base],
			situation,
			undefined,
		);
		if (merge.exitCode === 0) return `Merged ${what}.`;
		if (!isMerging(situation.worktree)) throw new Error(`git merge: ${merge.output.trim()}`);
	}
	const files = (await git(situation, 'diff', '--name-only', '--diff-filter=U', '-z')).split('\0').filter(name => name !== '');
	if (how === 'both') await keepBoth(files, situation);
	if (how === 'ours' || how === 'theirs') await takeSide(how, files, situation);
	if (how !== 'nothing') {
		await git(situation, 'add', '-A');
		await git(situation, 'commit', '-q', '--no-edit');
	}
	return `Merged ${what}; ${WORDS[how]} in ${files.join(', ') || 'no file'}.`;
};
