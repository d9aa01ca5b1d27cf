import {type Config, isPushing} from '../../core/config/config.ts';
import {findRemote, type Remote} from '../../git/remote/remote.ts';
import {openRepository, type Repository, resolveBase} from '../../git/repository/repository.ts';
import {findProgram} from '../../os/find-program.ts';
import {RoomRefused} from '../redis/redis.ts';
import type {PlannedAgent} from '../team/team.ts';

const checkCommands = (team: readonly PlannedAgent[], repository: string): void => {
	for (const agent of team) {
		if (agent.program) continue;
		try {
			findProgram(agent.command[0] ?? '', repository, process.env.PATH ?? '');
		} catch {
			throw new RoomRefused(
				'not-ready',
				`The command \`${agent.command[0] ?? ''}\` of harness \`${agent.harness}\` was not found.`,
				'Install it, or change `harnesses:` in agent-room.yaml.',
			);
		}
	}
};

/**
 * The repository of a room, the branch that receives merges, and the remote that they are pushed to. Throws `GitRefused` where there is none, and `RoomRefused` where a command of the
 * team is not installed; changes nothing.
 */
export const findRepository = async (
	folder: string,
	config: Pick<Config, 'base' | 'merge' | 'remote'>,
	team: readonly PlannedAgent[],
): Promise<{readonly repository: Repository; readonly base: string; readonly remote?: Remote}> => {
	const repository = await openRepository(folder);
	const base = await resolveBase(repository, config.base);
	checkCommands(team, repository.root);
	return isPushing(config) ? {repository, base, remote: await findRemote(repository, base, config.remote)} : {repository, base};
};
