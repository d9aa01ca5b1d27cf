import {hostname} from 'node:os';
import {join} from 'node:path';
import type {Task} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import {openGuardian} from '../../git/guardian/guardian.ts';
import {findFork, findRemote, pushedTo, sharedPrefix} from '../../git/remote/remote.ts';
import {kinOf} from '../../git/repository/kinship.ts';
import {hasRemote, type RemoteStore} from '../../git/store/store.ts';
import {withoutSecrets} from '../../redis/address.ts';
import {isUsed, type Moved, movingTo, type Side} from '../../redis/move.ts';
import {movedAway, openRedis, type RoomRedis} from '../../room/redis/redis.ts';
import {askRemoteFirst} from '../../room/remote/remote.ts';
import {bringQueue, shareQueue} from '../../room/remote/share.ts';
import {socketPathFor} from '../../socket/path.ts';
import {isRoomAlive} from '../client/client.ts';
import type {Place} from '../config/place.ts';
import {type CommandError, notReady} from '../parse/command.ts';
import type {Prepared} from './run.ts';

/** The namespace of an embedded Redis by default. */
const HOME = 'workflow';
/** Longest wait for a Redis that is away, ms: a human waits for the answer. */
const PATIENCE_MS = 2000;

/** A Redis, and the queue's namespace in it. */
export type Open = {readonly redis: RoomRedis; readonly side: Side};

/** The team's place in words; also stored by a move as its destination. */
export const teamText = ({redisUrl, namespace}: Pick<Place, 'redisUrl' | 'namespace'>): string =>
	`\`${withoutSecrets(redisUrl)}\` (namespace \`${namespace}\`)`;

/** The same for this clone's own place. */
export const homeText = ({repository}: Pick<Place, 'repository'>): string => `the own Redis of \`${repository.root}\` on \`${hostname()}\``;

const open = async ({repository, options}: Prepared, namespace: string, isEmbedded: boolean): Promise<Open> => {
	const {redisUrl, redisAccess, ...own} = options;
	const shared = redisUrl === undefined ? {} : {redisUrl, ...(redisAccess ? {redisAccess} : {})};
	const redis = await openRedis(
		{...own, namespace, isMoving: true, ...(isEmbedded ? {} : shared)},
		() => kinOf(repository, options.config.base ?? '', join(options.stateFolder, 'guardian.git')),
		() => undefined,
		{patienceMs: PATIENCE_MS},
	);
	return {redis, side: {connection: redis.connection, namespace}};
};

/** The embedded Redis with the namespace in use: the named one, else the default. */
const openHome = async (prepared: Prepared, known: string): Promise<Open> => {
	const names = [...new Set(known ? [known] : [prepared.place.namespace, HOME])];
	for (const name of names) {
		const home = await open(prepared, name, true);
		if (name === names.at(-1) || (await isUsed(home.side)) || (await movingTo(home.side)) !== '') return home;
		await home.redis.giveBack();
	}
	throw new Error('no namespace');
};

/** Opens both for a move, and always closes both. `known`: the embedded one's namespace, '' to look for it. */
export const withBoth = async <T>(prepared: Prepared, known: string, work: (both: {home: Open; team: Open}) => Promise<T>): Promise<T> => {
	const team = await open(prepared, prepared.place.namespace, false);
	try {
		const home = await openHome(prepared, known);
		try {
			return await work({home, team});
		} finally {
			await home.redis.giveBack();
		}
	} finally {
		await team.redis.giveBack();
	}
};

/** A room that runs here would continue to work while its queue moves. */
export const refuseRunning = async ({stateFolder}: Place): Promise<void> => {
	if (await isRoomAlive(socketPathFor(stateFolder)))
		throw notReady('room-running', 'A room is running here.', 'Stop it first with `agent-room stop`; it saves all work.');
};

/** All tasks, finished ones included, page by page. */
async function* tasksIn(coordination: Coordination): AsyncGenerator<Task> {
	let cursor = '';
	do {
		const page = await coordination.list(cursor, 500);
		yield* page.tasks;
		({cursor} = page);
	} while (cursor !== '');
}

/** The room's objects and the remote of the team. Throws `GitRefused` or `RoomRefused` if there is none, or another one. */
export const openShared = async ({repository, place, options}: Prepared): Promise<RemoteStore> => {
	const {config, stateFolder} = options;
	const base = config.base ?? '';
	const fork = config.merge === 'pr' && config.pushTo !== undefined ? {pushTo: await findFork(repository, config.pushTo)} : {};
	const remote = {...(await findRemote(repository, base, config.remote)), ...fork, shared: sharedPrefix(place.namespace)};
	const guardian = await openGuardian({repository, base, remote, folder: join(stateFolder, 'guardian.git')});
	await askRemoteFirst(guardian, stateFolder);
	if (!hasRemote(guardian.store)) throw new Error('no remote');
	return guardian.store;
};

/** Pushes the work of all unfinished tasks to the remote. Throws with the first task whose work cannot leave. */
export const shareAll = async ({options}: Prepared, store: RemoteStore, {redis}: Open): Promise<void> => {
	const shared = await shareQueue(store, tasksIn(redis.coordination), options.config);
	if (shared.kind === 'kept')
		throw notReady(
			'kept',
			`The work on task \`${shared.task}\` must not leave this machine: ${shared.holds.join('; ')}.`,
			`Open the room and decide on it, or cancel it: \`agent-room cancel ${shared.task}\`.`,
		);
	if (shared.kind === 'refused')
		throw notReady(
			'remote',
			`\`${pushedTo(store.remote)}\` does not take the work of agents: ${shared.reason}.`,
			'A team needs a remote that each machine may push to.',
		);
};

/** Fetches the work of all unfinished tasks. Throws with the first task whose work cannot be fetched. */
export const bringAll = async (store: RemoteStore, {redis}: Open): Promise<void> => {
	const missing = await bringQueue(store, tasksIn(redis.coordination));
	if (missing)
		throw notReady(
			'remote',
			`The work on task \`${missing.task}\` cannot be fetched from \`${pushedTo(store.remote)}\`: ${missing.reason}.`,
			`Try again when the remote answers, or cancel the task: \`agent-room cancel ${missing.task}\`.`,
		);
};

/** Why a queue was not moved. */
export const refusalOf = (moved: Exclude<Moved, {code: 'ok'}>, team: Place): CommandError => {
	switch (moved.code) {
		case 'taken':
			return notReady(
				'in-use',
				`${teamText(team)} is in use already: two queues cannot be mixed.`,
				'Choose another with `--namespace NAME`. Or finish your tasks here first.',
			);
		case 'elsewhere': {
			const {code, message, hint} = movedAway(moved.to);
			return notReady(code, message, hint);
		}
		case 'rooms':
			return notReady('rooms', `Another room, on \`${moved.host}\`, is or was lately in this team.`, 'List them with `agent-room hosts`.');
		case 'leased':
			return notReady(
				'leased',
				`Task ${moved.tasks.map(task => `\`${task}\``).join(', ')} is still assigned to an agent.`,
				'Open the room once with `agent-room`, which saves its work, then `agent-room stop`.',
			);
	}
};
