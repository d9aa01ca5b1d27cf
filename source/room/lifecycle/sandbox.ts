import type {Config} from '../../core/config/config.ts';
import {chosenSandbox, findSandbox} from '../../sandbox/sandbox.ts';
import type {RoomOptions} from '../parts/options.ts';
import type {Surroundings} from '../parts/sandboxing.ts';
import {RoomRefused} from '../redis/redis.ts';
import type {PlannedAgent} from '../team/team.ts';

/**
 * What will surround the programs of a room. Throws `RoomRefused` where somebody asked for a sandbox that cannot be had, before anything
 * starts: a room never runs without what it was told to run in.
 */
export const findSurroundings = async (
	{stateFolder, repository, node, binFile}: RoomOptions,
	config: Config,
	team: readonly PlannedAgent[],
): Promise<Omit<Surroundings, 'identity'>> => {
	const found = await findSandbox(process.env);
	for (const choice of [config.sandbox, ...team.flatMap(({sandbox}) => (sandbox === undefined ? [] : [sandbox]))]) {
		try {
			chosenSandbox(choice, found, process.env);
		} catch (error) {
			throw new RoomRefused(
				'no-sandbox',
				`${error instanceof Error ? error.message : String(error)}.`,
				'`agent-room setup` installs bubblewrap; `agent-room doctor` says what works here.',
			);
		}
	}
	return {found, trouble: {isBroken: false}, config, inherited: process.env, stateFolder, repository, node, binFile};
};

/** What does not surround the programs of this room, in words for its header. */
export const unguardedIn = ({sandbox}: Config, {found}: Pick<Surroundings, 'found'>): readonly string[] =>
	sandbox === 'off' || (sandbox === 'auto' && found.kind === 'none') ? ['no sandbox'] : [];

/** The same as a sentence, where nobody chose it. */
export const tellUnguarded = ({sandbox}: Config, {found}: Pick<Surroundings, 'found'>): readonly string[] =>
	sandbox === 'auto' && found.kind === 'none'
		? [`no sandbox: ${found.why}. Agents run with all your rights; \`agent-room setup\` installs what is missing`]
		: [];
