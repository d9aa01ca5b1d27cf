import {createHash, randomUUID} from 'node:crypto';
import {createReadStream, createWriteStream, existsSync, mkdirSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import type {AgentGit} from './agent-git.ts';
import type {Tree} from './tree.ts';

const OBJECTS = 'lfs/objects';
const isPart = (name: string): boolean => /^[0-9a-f]{2}$/.test(name);

/** Copies what a handle reads where its content is what the name says; nothing is there otherwise. */
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
 * Takes over the contents that git-lfs keeps next to an agent's git for what it has committed: they are named by what they hold, and
 * checked against that. They go to where git-lfs keeps those of the user's repository, since tests and merges read them there; a commit
 * holds no more than their names. Without git-lfs there are none.
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
