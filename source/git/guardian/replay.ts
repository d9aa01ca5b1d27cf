import {agentAsPerson, isObjectId, personEnvironment, ROOM} from '../process/names.ts';
import {git, gitLine} from '../process/run.ts';
import {importCommits, markImported} from '../store/import.ts';
import type {Store} from '../store/store.ts';

/** `conflict`: the first commit that fails, with its files. `merges`: the work contains merges and cannot be replayed. */
export type Replayed =
	| {readonly kind: 'replayed'; readonly commit: string}
	| {readonly kind: 'conflict'; readonly commit: string; readonly files: readonly string[]}
	| {readonly kind: 'merges' | 'empty'};

const DATED = '--format=%H%x00%P%x00%an%x00%ae%x00%B%x00%x00';
type Made = {readonly id: string; readonly parent: string; readonly name: string; readonly email: string; readonly message: string};

/** A work's commits without those reachable from `without`, oldest first; undefined unless they form one line. */
const lineOf = async ({clone}: Store, commit: string, without: readonly string[]): Promise<readonly Made[] | undefined> => {
	const {stdout} = await git(clone, ['rev-list', '--reverse', '--topo-order', '--no-commit-header', DATED, '--stdin'], {
		input: `${[commit, ...without.map(one => `^${one}`)].join('\n')}\n`,
	});
	const made = stdout.split('\0\0\n').flatMap(entry => {
		const [id = '', parents = '', name = '', email = '', message = ''] = entry.split('\0');
		return isObjectId(id) ? [{id, parents: parents.split(' ').filter(Boolean), name, email, message}] : [];
	});
	if (made.some(({parents}) => parents.length !== 1)) return undefined;
	return made.map(({parents: [parent = ''], ...rest}) => ({...rest, parent}));
};

/**
 * Replays a work's commits on `onto` one by one, without those reachable from `without`; keeps messages and authors. Never takes a side: a
 * conflict is returned. Only writes the guardian's clone.
 */
export const replayWork = async (
	place: Store,
	{commit, onto, without, author}: {commit: string; onto: string; without: readonly string[]; author: string},
): Promise<Replayed> => {
	const {clone} = place;
	await importCommits(place, [onto, commit]);
	const line = await lineOf(place, commit, [onto, ...without]);
	if (line === undefined) return {kind: 'merges'};
	const writer = agentAsPerson(author);
	let head = onto;
	for (const made of line) {
		// A commit with the files of `head` and the parent of the replayed one, as merge base: git before 2.40 needs it.
		const stand = await gitLine(clone, ['commit-tree', '-p', made.parent, '-m', 'replay', `${head}^{tree}`], {
			env: personEnvironment(ROOM),
		});
		const merged = await git(
			clone,
			['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', '--end-of-options', stand, made.id],
			{
				accept: [1],
			},
		);
		const [tree = '', ...files] = merged.stdout.split('\0').filter(Boolean);
		if (merged.code === 1) return {kind: 'conflict', commit: made.id, files: [...new Set(files)]};
		if (tree === (await gitLine(clone, ['rev-parse', '--verify', '--end-of-options', `${head}^{tree}`]))) continue;
		head = await gitLine(clone, ['commit-tree', '-p', head, '-F', '-', tree], {
			input: made.message,
			env: personEnvironment({name: made.name || writer.name, email: made.email || writer.email}),
		});
	}
	if (head === onto) return {kind: 'empty'};
	markImported(place, [head]);
	return {kind: 'replayed', commit: head};
};
