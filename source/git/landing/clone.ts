import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {startOf} from '../../os/process-identity.ts';
import {git} from '../process/run.ts';
import type {Repository} from '../repository/repository.ts';

/**
 * Copies the objects of `wanted` from one repository into another, by one small pack that is checked object by object as it comes in:
 * its content, its form, and that everything it points to is there. What the revisions `known` reach stays at home: both sides hold them
 * whole. It does in two processes what a fetch does in six.
 * @returns false where one of them refuses (a commit that either side does not have, say): then a fetch may still do, or says why not.
 */
export const sendObjects = async (
	from: string,
	to: string,
	{wanted, known}: {wanted: readonly string[]; known: readonly string[]},
): Promise<boolean> => {
	const revisions = [...wanted, ...known.map(commit => `^${commit}`)];
	const {code} = await git(to, ['unpack-objects', '-q', '--strict'], {packFrom: {folder: from, revisions}, accept: [1]});
	return code === 0;
};

/** Where the guardian works. */
export type GuardianPlace = {readonly repository: Repository; readonly clone: string; readonly base: string};

/** Its whole say: bare, runs nothing, checks every object that comes in, throws none away, follows no renamed folders. */
const SETTINGS = [
	['core.hooksPath', '/dev/null'],
	['core.fsmonitor', 'false'],
	['transfer.fsckObjects', 'true'],
	['gc.auto', '0'],
	['maintenance.auto', 'false'],
	['merge.directoryRenames', 'false'],
] as const;

/**
 * Makes the guardian's bare clone unless it exists. Objects are linked, not copied, where the file system can; no hook template, no
 * remote and nothing of the repository's config comes along. It appears under its name only when complete.
 */
export const openClone = async (repository: Repository, folder: string): Promise<void> => {
	if (existsSync(join(folder, 'config'))) return;
	mkdirSync(dirname(folder), {recursive: true, mode: 0o700});
	removeHalves(folder);
	const half = mkdtempSync(`${folder}.half-${process.pid}-`);
	await git(dirname(folder), ['clone', '--quiet', '--bare', '--no-tags', '--template=', '--local', '--', repository.commonDir, half]);
	await git(half, ['remote', 'remove', 'origin']);
	for (const [key, value] of SETTINGS) await git(half, ['config', '--local', key, value]);
	chmodSync(half, 0o700);
	chmodSync(join(half, 'config'), 0o600);
	try {
		renameSync(half, folder);
	} catch (error) {
		// Another opener was first; its clone is as good.
		rmSync(half, {recursive: true, force: true});
		if (!existsSync(join(folder, 'config'))) throw error;
	}
};

/** What openers left that were killed half-way. */
const removeHalves = (folder: string): void => {
	const prefix = `${basename(folder)}.half-`;
	for (const name of readdirSync(dirname(folder))) {
		const pid = Number(name.slice(prefix.length).split('-')[0]);
		if (name.startsWith(prefix) && startOf(pid) === '') rmSync(join(dirname(folder), name), {recursive: true, force: true});
	}
};
