import {existsSync, readdirSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {clearStaleLock} from '../lock/stale-lock.ts';
import {isObjectId, oneLine} from '../process/names.ts';
import {GitRefused, git} from '../process/run.ts';
import {readRef} from '../repository/refs.ts';
import {type GuardianPlace, sendObjects} from './clone.ts';

/** In the clone, a commit under this name is there with all that it needs. */
const importedRef = (commit: string): string => `refs/agent-room/imported/${commit}`;

const isImported = ({clone}: GuardianPlace, commit: string): boolean => readRef(clone, importedRef(commit)) === commit;

/** From so many names on, those of days gone by are forgotten. */
const MANY_NAMES = 500;
const DAY_MS = 86_400_000;

/** Forgets old names, so that they do not pile up with every task: the objects stay, and what is needed again is found to be there. */
export const forgetOldImports = async ({clone}: Pick<GuardianPlace, 'clone'>): Promise<void> => {
	const folder = join(clone, importedRef(''));
	const names = existsSync(folder) ? readdirSync(folder).filter(isObjectId) : [];
	if (names.length < MANY_NAMES) return;
	const isOld = (name: string): boolean =>
		Date.now() - (statSync(join(folder, name), {throwIfNoEntry: false})?.mtimeMs ?? Date.now()) > DAY_MS;
	const old = names.filter(isOld);
	if (old.length > 0) await git(clone, ['update-ref', '--stdin'], {input: old.map(name => `delete ${importedRef(name)}\n`).join('')});
};

/** Says of commits, whose objects are all there, that they are. A guardian that was killed may have left locks. */
export const markImported = async ({clone}: GuardianPlace, commits: readonly string[]): Promise<void> => {
	if (commits.length === 0) return;
	for (const commit of commits) await clearStaleLock(join(clone, `${importedRef(commit)}.lock`));
	await git(clone, ['update-ref', '--stdin'], {input: commits.map(commit => `update ${importedRef(commit)} ${commit}\n`).join('')});
};

/**
 * Brings commits of the repository into the clone by their ids, with all that they need. Nothing of the repository's runs, and every
 * object that comes in is checked. With them comes the head of the base: what it reaches need not travel the next time.
 * @returns those that are there now and not yet marked so, for `markImported`.
 */
export const importCommits = async (place: GuardianPlace, commits: readonly string[]): Promise<readonly string[]> => {
	const {clone, repository, base} = place;
	for (const commit of commits) if (!isObjectId(commit)) throw new GitRefused('no-commit', `\`${oneLine(commit)}\` is not a commit id`);
	const missing = commits.filter(commit => !isImported(place, commit));
	if (missing.length === 0) return [];
	const head = readRef(repository.commonDir, `refs/heads/${base}`);
	const isHeadKnown = head !== '' && isImported(place, head);
	// The clone began with a copy of the base, which lies on in the repository unless it was rewritten: then the fetch below finds its way.
	const known = isHeadKnown ? head : readRef(clone, `refs/heads/${base}`);
	const wanted = isHeadKnown || head === '' ? missing : [...new Set([...missing, head])];
	if (known !== '' && (await sendObjects(repository.commonDir, clone, {wanted, known: [known]}))) return wanted;
	for (const commit of missing) await clearStaleLock(join(clone, `${importedRef(commit)}.lock`));
	try {
		await git(clone, [...FETCH, '--end-of-options', repository.commonDir, ...missing.map(commit => `+${commit}:${importedRef(commit)}`)]);
		return [];
	} catch (error) {
		for (const commit of missing) {
			const {code} = await git(repository.root, ['cat-file', '-e', `${commit}^{commit}`], {accept: [1, 128]});
			if (code !== 0) throw lost(commit);
		}
		throw error;
	}
};

/** Its branch was deleted or reset, and somebody collected what no branch held. */
const lost = (commit: string): GitRefused =>
	new GitRefused(
		'lost-commit',
		`commit \`${commit.slice(0, 12)}\` is not in the repository any more`,
		'Was its branch deleted, and collected?',
	);

/** Objects only: no tags, no FETCH_HEAD, no submodules, no collecting. */
export const FETCH = [
	'fetch',
	'--quiet',
	'--no-tags',
	'--no-write-fetch-head',
	'--no-recurse-submodules',
	'--no-auto-maintenance',
] as const;
