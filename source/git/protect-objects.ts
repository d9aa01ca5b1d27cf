import {join} from 'node:path';
import type {Repository} from './repository.ts';
import {git} from './run.ts';
import {clearStaleLock} from './stale-lock.ts';

const done = new Set<string>();

/**
 * Keeps `git gc --prune=now` and `repack -ad` of one agent from deleting objects that another has written and not yet referenced
 * (measured: half of 500 parallel commits failed). Both settings are the repository's own and stay: a room may die at any instant,
 * its agents' tools live on. `git gc` then still packs refs; to undo: `git config --unset extensions.preciousObjects`.
 * Call it under the repository's lock; it writes once per repository and never overrides a person's own value.
 */
export const protectObjects = async ({root, commonDir}: Repository): Promise<void> => {
	if (done.has(commonDir)) return;
	await clearStaleLock(join(commonDir, 'config.lock'));
	for (const [key, value] of [
		['extensions.preciousObjects', 'true'],
		['gc.auto', '0'],
	] as const) {
		const {code} = await git(root, ['config', '--local', '--get', key], {accept: [1]});
		if (code === 1) await git(root, ['config', '--local', key, value]);
	}
	done.add(commonDir);
};
