import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {startOf} from './process-identity.ts';
import type {Repository} from './repository.ts';
import {git} from './run.ts';

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
