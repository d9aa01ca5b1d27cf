import {oneLine} from '../../core/text/quote.ts';
import {git} from '../process/run.ts';
import {importCommits} from '../store/import.ts';
import type {Store} from '../store/store.ts';

/** A commit that was once on the base. */
export type OnceOnBase = {readonly commit: string; readonly subject: string};

/** `commits` would return, newest first; `tips` are those that reach all others. */
export type Returning = {readonly commits: readonly OnceOnBase[]; readonly tips: readonly string[]};

/** Search depth per line that the base has left. */
const DEPTH = 1000;

/**
 * Returns removed commits that a merge of `commit` would bring back: those in it on lines that the base has `left` by moving back. These
 * are the line itself, a user's commits and merges, never an agent's later work. `letBack` and what it reaches may return.
 */
export const returningWith = async (
	place: Store,
	given: {commit: string; head: string; left: readonly string[]; letBack: readonly string[]},
): Promise<Returning> => {
	const {commit, head, left, letBack} = given;
	if (left.length === 0) return {commits: [], tips: []};
	await importCommits(place, [head, commit]);
	const list = async (args: readonly string[], from: string): Promise<readonly string[]> => {
		const {stdout} = await git(place.clone, ['rev-list', '--no-commit-header', '--ignore-missing', ...args, '--stdin'], {
			input: `${[from, `^${head}`, ...letBack.map(one => `^${one}`)].join('\n')}\n`,
		});
		return stdout.split('\n').filter(Boolean);
	};
	const made = new Set(await list(['--format=%H'], commit));
	if (made.size === 0) return {commits: [], tips: []};
	const found = new Map<string, string>();
	const tips = new Set<string>();
	for (const line of left) {
		const once = (await list(['--first-parent', `--max-count=${DEPTH}`, '--format=%H %s'], line)).filter(one =>
			made.has(one.split(' ')[0] ?? ''),
		);
		for (const [at, one] of once.entries()) {
			const [id = '', ...words] = one.split(' ');
			if (at === 0 && !found.has(id)) tips.add(id);
			found.set(id, oneLine(words.join(' '), 100));
		}
	}
	return {commits: [...found].map(([id, subject]) => ({commit: id, subject})), tips: [...tips]};
};
