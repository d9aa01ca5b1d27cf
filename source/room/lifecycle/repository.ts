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
				'Install it, or name another in `harnesses:` of agent-room.yaml.',
			);
		}
	}
};

/**
 * The repository of a room and the branch that receives merges. Throws `GitRefused` where there is none, and `RoomRefused` where a command of the
 * team is not installed; changes nothing.
 */
export const findRepository = async (
	folder: string,
	wanted: string | undefined,
	team: readonly PlannedAgent[],
): Promise<{readonly repository: Repository; readonly base: string}> => {
	const repository = await openRepository(folder);
	const base = await resolveBase(repository, wanted);
	checkCommands(team, repository.root);
	return {repository, base};
};
