import {join} from 'node:path';
import {guardEnvironment, writeRefGuard} from '../git/ref-guard.ts';
import type {Engine} from './engine.ts';
import type {Place} from './places.ts';
import type {PlannedAgent} from './team.ts';

/**
 * The place of an agent whose git refuses to move what is not its own to move: the base, branches of other tasks, any branch where it
 * writes none. The room's own programs are what moves the base, and run without it.
 */
export const guarded = async (engine: Engine, agent: PlannedAgent, place: Place): Promise<Place> => {
	if (agent.program) return place;
	const {inherited, furtherEnvironment} = engine.surroundings;
	const folder = join(engine.options.stateFolder, 'hooks');
	writeRefGuard(folder);
	const handedOn = Object.fromEntries(Object.entries(inherited).filter(([name]) => furtherEnvironment.includes(name)));
	const guard = await guardEnvironment({repository: engine.repository, folder, worktree: place.folder, inherited: handedOn});
	return {...place, environment: {...place.environment, ...guard}};
};
