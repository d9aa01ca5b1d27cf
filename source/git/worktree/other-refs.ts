import {renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {git} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {BASE_REF} from '../store/import.ts';
import {type Store, sendObjects} from '../store/store.ts';
import {OTHER_REFS} from './agent-git.ts';
import {openTrees, treesGit} from './tree.ts';

/** Limit; the first ones are kept. */
const MOST = 5000;

type Ref = {readonly name: string; readonly id: string; readonly peeled: string};

const listed = async ({repository: {root}, base}: Store): Promise<readonly Ref[]> => {
	const format = '--format=%(objectname) %(refname) %(symref) %(*objectname)';
	const {stdout} = await git(root, ['for-each-ref', `--count=${MOST}`, format, 'refs/heads', 'refs/tags', 'refs/remotes']);
	return stdout.split('\n').flatMap(line => {
		const [, id = '', name = '', symbolic = '', peeled = ''] = /^(\S+) (\S+) (\S*) (\S*)$/.exec(line) ?? [];
		const isOwn = name === `refs/heads/${base}` || /^refs\/heads\/agents?(?:\/|$)/.test(name);
		return name === '' || symbolic !== '' || isOwn ? [] : [{name, id, peeled}];
	});
};

const missingOf = async ({clone}: Store, refs: readonly Ref[]): Promise<ReadonlySet<string>> => {
	const {stdout} = await git(clone, ['cat-file', '--batch-check=%(objecttype)'], {input: refs.map(({id}) => `${id}\n`).join('')});
	const types = stdout.split('\n');
	return new Set(refs.flatMap(({id}, at) => (/ missing$/.test(types[at] ?? '') ? [id] : [])));
};

/**
 * Records the user's other branches, tags and remote branches for new worktrees: agents see them by name and only change their copy.
 * Imports their objects first; skips what fails.
 */
export const noteOtherRefs = async (store: Store): Promise<void> => {
	await openTrees(store);
	const refs = await listed(store);
	let missing = refs.length === 0 ? new Set<string>() : await missingOf(store, refs);
	const known = readRef(store.clone, BASE_REF);
	if (
		missing.size > 0 &&
		(await sendObjects(store.repository.commonDir, store.clone, {wanted: [...missing], known: [known].filter(Boolean)}))
	)
		missing = new Set();
	const lines = refs
		.filter(({id}) => !missing.has(id))
		.flatMap(({name, id, peeled}) => [`${id} ${name}`, ...(peeled === '' ? [] : [`^${peeled}`])]);
	const file = join(treesGit(store), OTHER_REFS);
	writeFileSync(`${file}.new-${process.pid}`, `# pack-refs with: peeled fully-peeled sorted \n${lines.map(line => `${line}\n`).join('')}`);
	renameSync(`${file}.new-${process.pid}`, file);
};
