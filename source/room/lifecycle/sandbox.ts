import {rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import type {Config} from '../../core/config/config.ts';
import {nameOf, type RedisAddress} from '../../redis/address.ts';
import {obeysAnybody} from '../../redis/anybody.ts';
import {findGroups, notEnforced, sweepGroups} from '../../sandbox/limits.ts';
import {chosenSandbox, findSandbox} from '../../sandbox/sandbox.ts';
import type {RoomOptions} from '../parts/options.ts';
import type {RoomPaths} from '../parts/sandboxing.ts';
import {RoomRefused} from '../redis/redis.ts';
import type {PlannedAgent} from '../team/team.ts';

/**
 * The sandbox for the programs of a room. Guarantee: throws `RoomRefused` before anything starts if a requested sandbox is not available, so a room
 * never runs without it.
 */
export const findRoomPaths = async (
	{stateFolder, repository, node, binFile}: RoomOptions,
	config: Config,
	team: readonly PlannedAgent[],
): Promise<Omit<RoomPaths, 'identity' | 'onRefused'>> => {
	const found = await findSandbox(process.env);
	for (const choice of [config.sandbox, ...team.flatMap(({sandbox}) => (sandbox === undefined ? [] : [sandbox]))]) {
		try {
			chosenSandbox(choice, found, process.env);
		} catch (error) {
			throw new RoomRefused(
				'no-sandbox',
				`${error instanceof Error ? error.message : String(error)}.`,
				'Install bubblewrap with `agent-room setup`, then run `agent-room doctor`.',
			);
		}
	}
	const isOpen = found.kind !== 'bubblewrap' || config.sandbox === 'off' || Array.isArray(config.sandbox);
	const closed = team.find(
		({sandbox = config.sandbox, network = config.network}) => network !== 'on' && (isOpen || sandbox === 'off' || Array.isArray(sandbox)),
	);
	if (closed || (isOpen && config.network !== 'on'))
		throw new RoomRefused(
			'no-sandbox',
			`\`network: ${closed?.network ?? config.network}\` needs the built-in sandbox, which is off${found.kind === 'none' && found.why !== '' ? `: ${found.why}` : ''}.`,
			'Run `agent-room doctor`, or set `network: on`.',
		);
	const groups = config.limits.memory === undefined && config.limits.processes === undefined ? undefined : findGroups();
	sweepGroups(groups, stateFolder);
	// Sockets of an earlier life, whose owners are gone.
	rmSync(join(stateFolder, 'proxy'), {recursive: true, force: true});
	const forwardFile = join(dirname(dirname(binFile)), 'dist', 'forward.js');
	return {found, health: {isBroken: false}, groups, forwardFile, config, inherited: process.env, stateFolder, repository, node, binFile};
};

/**
 * A sandbox with `network: on` has the machine's network: a Redis there without a password would accept an agent's commands as the room's. Throws
 * `RoomRefused`. Without a sandbox nothing is refused: the agent could read the password too.
 */
export const refuseOpenRedis = async (
	address: RedisAddress | undefined,
	config: Config,
	team: readonly PlannedAgent[],
	{found}: Pick<RoomPaths, 'found'>,
): Promise<void> => {
	const isInside = ({sandbox = config.sandbox, network = config.network}: PlannedAgent): boolean =>
		network === 'on' && ['bubblewrap', 'seatbelt'].includes(chosenSandbox(sandbox, found, process.env).kind);
	if (address === undefined || !team.some(isInside) || !(await obeysAnybody(address))) return;
	throw new RoomRefused(
		'open-redis',
		`Redis at \`${nameOf(address)}\` has no password, and agents with \`network: on\` can reach it and change tasks and locks.`,
		'Give it a password (`requirepass`), or set `network: models` in agent-room.yaml.',
	);
};

/** Which protections the programs of this room lack, in words for its header. */
export const unprotectedIn = ({sandbox, limits}: Config, {found, groups}: Pick<RoomPaths, 'found' | 'groups'>): readonly string[] => [
	...(sandbox === 'off' || (sandbox === 'auto' && found.kind === 'none') ? ['no sandbox'] : []),
	...(notEnforced(limits, groups).length > 0 ? ['limits not enforced'] : []),
];

/** The same as a sentence, if it was not chosen. */
export const formatUnprotected = ({sandbox, limits}: Config, {found, groups}: Pick<RoomPaths, 'found' | 'groups'>): readonly string[] => {
	const open = notEnforced(limits, groups);
	return [
		...(sandbox === 'auto' && found.kind === 'none'
			? [`no sandbox: ${found.why}. Agents run with all your permissions. Fix it with \`agent-room setup\``]
			: []),
		...(open.length > 0 ? [`limits on ${open.join(' and ')} are not enforced: cannot create a cgroup`] : []),
	];
};
