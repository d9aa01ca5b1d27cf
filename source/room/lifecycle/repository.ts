import {type Config, isPushing} from '../../core/config/config.ts';
import type {Merging} from '../../core/team/rooms.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {findFork, findRemote, hasUpstream, type Remote} from '../../git/remote/remote.ts';
import {hasLargeFiles} from '../../git/repository/large-files.ts';
import {openRepository, type Repository, resolveBase} from '../../git/repository/repository.ts';
import {findOnPath, findProgram, ProcessRefused} from '../../os/find-program.ts';
import type {RoomOptions} from '../parts/options.ts';
import {RoomRefused} from '../redis/redis.ts';
import type {PlannedAgent} from '../team/team.ts';

const checkCommands = (team: readonly PlannedAgent[], repository: string): void => {
	for (const agent of team) {
		if (agent.program) continue;
		try {
			findProgram(agent.command[0] ?? '', repository, process.env.PATH ?? '');
		} catch (error) {
			const isThere = error instanceof ProcessRefused && error.message.endsWith('not executable.');
			throw new RoomRefused(
				'not-ready',
				`The command \`${agent.command[0] ?? ''}\` of harness \`${agent.harness}\` ${isThere ? 'is not executable' : 'was not found'}.`,
				isThere ? '`agent-room doctor` prints the fix.' : 'Install it, or change `harnesses:` in agent-room.yaml.',
			);
		}
	}
};

/**
 * The repository of a room and the branch that receives merges. Throws `GitRefused`, or `RoomRefused` if a command of the team is not installed;
 * changes nothing.
 */
export const findRepository = async (
	{repository: folder, config, found}: Pick<RoomOptions, 'repository' | 'config' | 'found'>,
	team: readonly PlannedAgent[],
): Promise<{readonly repository: Repository; readonly base: string}> => {
	const repository = found ? {root: folder, ...found} : await openRepository(folder);
	const base = await resolveBase(repository, config.base);
	checkCommands(team, repository.root);
	return {repository, base};
};

/** What a repository whose large files are stored by git-lfs cannot do here, one sentence each without full stop; none for others. */
export const lackingLargeFiles = async (
	{root}: Pick<Repository, 'root'>,
	base: string,
	{remote, path}: {readonly remote: string | undefined; readonly path: string},
): Promise<readonly string[]> => {
	if (!(await hasLargeFiles(root, `refs/heads/${base}`))) return [];
	const isMissing = findOnPath('git-lfs', path) === undefined;
	return [
		...(isMissing
			? ['this repository uses git-lfs, which is not installed here: agents and tests see pointers instead of large files']
			: []),
		...(remote === undefined
			? []
			: [
					`this repository uses git-lfs: merges to ${remote} push pointers only, and new large files stay in \`.git/lfs\` of the machine that made them. Upload them with \`git lfs push --all ${remote}\``,
				]),
	];
};

export type Destination = {readonly merge: Merging; readonly remote?: Remote};

/**
 * Where merges go: as configured. Else on a private Redis into this clone; on a shared one (`recorded` is given) as the first room of the namespace
 * recorded it, or without a record to the base's upstream, if any. Throws `GitRefused`, and `RoomRefused` if the remote is missing.
 */
export const findDestination = async (
	{repository, base}: {readonly repository: Repository; readonly base: string},
	config: Pick<Config, 'merge' | 'remote' | 'pushTo'>,
	recorded?: () => Promise<string>,
): Promise<Destination> => {
	const known = config.merge === undefined && recorded ? await recorded() : '';
	const isUp = known === '' && config.merge === undefined && recorded !== undefined && (await hasUpstream(repository.root, base));
	const isTeam = known === 'push' || known === 'pr';
	if (!isPushing(config) && !isTeam && !isUp) return {merge: 'local'};
	const merge = config.merge === 'pr' || known === 'pr' ? 'pr' : 'push';
	try {
		const remote = await findRemote(repository, base, config.remote);
		if (merge !== 'pr' || config.pushTo === undefined) return {merge, remote};
		return {merge, remote: {...remote, pushTo: await findFork(repository, config.pushTo)}};
	} catch (error) {
		if (!isTeam || config.remote !== undefined || !(error instanceof GitRefused && error.code === 'no-remote')) throw error;
		throw new RoomRefused(
			'remote',
			`This team pushes its merges to a remote that all clones share, and \`${base}\` follows none here.`,
			"Add the team's remote: `git remote add origin URL`, then `git fetch`.",
		);
	}
};
