import {createHash, randomUUID} from 'node:crypto';
import {createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {AgentGit} from './agent-git.ts';
import type {Tree} from './tree.ts';

const OBJECTS = 'lfs/objects';
const isPart = (name: string): boolean => /^[0-9a-f]{2}$/.test(name);

/** Copies a handle's content if it matches its name; else leaves nothing. */
const copyChecked = async (handle: number, {target, half, sha256}: {target: string; half: string; sha256: string}): Promise<void> => {
	const hash = createHash('sha256');
	const watched = new Transform({
		transform: (chunk: Buffer, _encoding, done) => {
			hash.update(chunk);
			done(null, chunk);
		},
	});
	mkdirSync(dirname(half), {recursive: true});
	try {
		await pipeline(createReadStream('', {fd: handle}), watched, createWriteStream(half, {flags: 'wx', mode: 0o444}));
		if (hash.digest('hex') !== sha256) return;
		mkdirSync(dirname(target), {recursive: true});
		renameSync(half, target);
	} finally {
		rmSync(half, {force: true});
	}
};

/**
 * Imports git-lfs contents of an agent's commits, checked against the hashes that name them. They go to the user's git-lfs storage, where
 * tests and merges read them; a commit only names them. Does nothing without git-lfs.
 */
export const takeLargeFiles = async ({store}: Tree, own: Pick<AgentGit, 'list' | 'open'>): Promise<void> => {
	const folder = join(store.repository.commonDir, 'lfs');
	for (const one of own.list(OBJECTS).filter(isPart))
		for (const two of own.list(`${OBJECTS}/${one}`).filter(isPart))
			for (const name of own.list(`${OBJECTS}/${one}/${two}`)) {
				const target = join(folder, 'objects', one, two, name);
				if (!/^[0-9a-f]{64}$/.test(name) || !name.startsWith(`${one}${two}`) || existsSync(target)) continue;
				const handle = own.open(`${OBJECTS}/${one}/${two}/${name}`);
				const half = join(folder, 'tmp', `${name}-${randomUUID().slice(0, 8)}`);
				if (handle !== undefined) await copyChecked(handle, {target, half, sha256: name});
			}
};
