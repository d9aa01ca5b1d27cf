import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Repository} from './repository.ts';
import {git, gitLine} from './run.ts';

/**
 * A bare repository of the room's own that sees every object of the person's and keeps what trial merges write to itself. It has no
 * ref, no hook, no filter and no attribute, and follows no renamed folders, as the guardian's clone. What an earlier one held is thrown away.
 */
export const openScratch = async (repository: Repository, folder: string): Promise<string> => {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const format = await gitLine(repository.root, ['rev-parse', '--show-object-format']);
	await git(folder, ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`]);
	await git(folder, ['config', '--local', 'merge.directoryRenames', 'false']);
	mkdirSync(join(folder, 'objects', 'info'), {recursive: true});
	writeFileSync(join(folder, 'objects', 'info', 'alternates'), `${join(repository.commonDir, 'objects')}\n`);
	const shallow = join(repository.commonDir, 'shallow');
	if (existsSync(shallow)) writeFileSync(join(folder, 'shallow'), readFileSync(shallow));
	return folder;
};
