import {randomUUID} from 'node:crypto';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import type {Config} from '../../core/config/config.ts';
import type {TakenEntry} from '../../core/intake/external-workers.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import type {Kin} from '../../git/repository/kinship.ts';
import {nameOf, parseRedisUrl, type RedisAddress} from '../../redis/address.ts';
import {checkCommands} from '../../redis/commands-used.ts';
import {connectRedis, type Greeting, type RedisConnection} from '../../redis/connection.ts';
import {createCoordination} from '../../redis/coordination.ts';
import {isRefusedForNow, RedisLost, RedisRefused} from '../../redis/errors.ts';
import {checkReplica} from '../../redis/replicated.ts';
import {checkPersistence, type Persistence, tellPersistence} from '../../redis/requirements.ts';
import {listOf} from '../../redis/scripts/replies.ts';
import {type EmbeddedServer, startServer} from '../../redis/server/server.ts';
import {followTaken} from '../../redis/server/taken-unseen.ts';
import {createSubscriber, type Subscriber} from '../../redis/subscriber.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {RoomOptions} from '../parts/options.ts';
import {createEpochWatch, type EpochWatch} from './epoch.ts';
import {createJournal, type Journal, type JournalSource} from './journal.ts';

/** The room cannot start here: one sentence for the user, with what to do. `code` is for programs. */
export class RoomRefused extends Error {
	readonly code: string;
	readonly hint: string;

	constructor(code: string, message: string, hint: string) {
		super(message);
		this.name = 'RoomRefused';
		this.code = code;
		this.hint = hint;
	}
}

export type RoomRedis = {
	readonly coordination: Coordination;
	readonly connection: RedisConnection;
	readonly address: string;
	/** What is reported as done is on a replica too (`durability: replicated`). */
	readonly isReplicated: boolean;
	/** What the user should know of the server, '' if all is well. */
	readonly note: string;
	/** Listens to channels on a connection of its own, until `close`. */
	readonly listen: (options: Parameters<typeof createSubscriber>[1]) => Subscriber;
	/** Entries that external workers took before a sweep saw them, as the file of the private server tells; none with a server of the user. */
	readonly takenUnseen: () => Promise<readonly TakenEntry[]>;
	readonly epoch: EpochWatch;
	/** What this Redis is rebuilt from if it loses its data. */
	readonly journal: Journal;
	/** Where merges of this namespace go, as its first room recorded it: `push`, `local`, '' if not recorded. */
	merging(): Promise<string>;
	/** Why Redis is away, in words; '' if unknown. */
	problem(): string;
	/** Stops an embedded server, closes the connection. */
	close(): Promise<void>;
	/** For a borrower: leaves an embedded server running if others still use it. */
	giveBack(): Promise<void>;
};

/** Delay before a crashed server is restarted, ms, so that it does not restart in a tight loop. */
const RESTART_DELAY_MS = 500;
/** How often an embedded server that crashes while it is opened is reopened, and the first pause, ms, which doubles. */
const OPENINGS = 6;
const REOPEN_DELAY_MS = 100;
/** How long a room that opens waits for an external server, and how often it asks, ms. */
const PATIENCE_MS = 15_000;
const AGAIN_MS = 250;

/** What opening needs of the room's options. */
export type RedisOptions = Pick<RoomOptions, 'redisUrl' | 'redisAccess' | 'stateFolder' | 'namespace'> & {
	readonly config?: Pick<Config, 'durability'>;
	/** For moving a queue: opens one that has left too, and does not compare the data with what the room remembers. */
	readonly isMoving?: boolean;
};

/** The server that the user gave; undefined for the embedded one. */
export const givenRedis = ({
	redisUrl,
	redisAccess,
	namespace,
}: Omit<RedisOptions, 'stateFolder' | 'config' | 'isMoving'>): RedisAddress | undefined => {
	const {isVolatile: _, ...access} = redisAccess ?? {};
	return redisUrl === undefined ? undefined : {...access, url: redisUrl, namespace};
};

/** Refuses a queue that was moved to another Redis, or is being moved: nothing starts at its old place. */
export const movedAway = (to: string): RoomRefused =>
	new RoomRefused(
		'moved',
		`The tasks of this repository went to ${cleanText(to, 200)}, or are on their way there.`,
		'Run the last `agent-room join` or `agent-room leave` again: it ends the move. `agent-room leave` brings them back.',
	);

/** A namespace belongs to one repository, identified by the root commit of its base, whatever folder it is cloned to. */
const checkIdentity = async (
	connection: Greeting,
	{namespace, isMoving = false}: Pick<RedisOptions, 'namespace' | 'isMoving'>,
	kin: Kin,
): Promise<void> => {
	await connection.call('HSETNX', `${namespace}:meta`, 'repository', kin.identity);
	const [known = '', to] = listOf(await connection.call('HMGET', `${namespace}:meta`, 'repository', 'movingTo')).map(value =>
		String(value ?? ''),
	);
	const isOurs = await kin.isSame(known);
	if (isOurs && to && !isMoving) throw movedAway(to);
	if (isOurs) return;
	if (kin.isShallow)
		throw new RoomRefused(
			'not-ready',
			`This clone is shallow: whether the namespace \`${namespace}\` of this Redis belongs to its repository cannot be seen.`,
			'Run `git fetch --unshallow`, or give this one its own namespace with `--namespace NAME`.',
		);
	throw new RoomRefused(
		'not-ready',
		`The namespace \`${namespace}\` of this Redis belongs to another repository (root commit \`${known.slice(0, 12)}\`).`,
		'Give this one its own with `--namespace NAME`.',
	);
};

/** The embedded server of this state folder, restarted whenever it crashes while the room lives. After `close` none is started any more. */
const keepServer = async (
	folder: string,
	log: (line: string) => void,
	onWaiting: () => void,
): Promise<{server: () => EmbeddedServer; problem: () => string; close: (how: 'stop' | 'stopUnlessUsed') => Promise<void>}> => {
	let isClosing = false;
	let problem = '';
	const {promise: closing, resolve: startClosing} = Promise.withResolvers<void>();
	const pause = (ms: number): Promise<unknown> => Promise.race([closing, wait(ms, undefined, {ref: false})]);
	let server = await startServer({folder, log, onLaunched: onWaiting});
	let restarting: Promise<void> | undefined;
	const restart = async (): Promise<void> => {
		await pause(RESTART_DELAY_MS);
		while (!isClosing) {
			try {
				server = await startServer({folder, log});
				problem = '';
				watch();
				return;
			} catch (error) {
				problem = error instanceof Error ? error.message : String(error);
				log(`redis-server does not start: ${problem}`);
				await pause(RESTART_DELAY_MS * 4);
			}
		}
	};
	const watch = (): void => {
		server.onExit(lastWords => {
			if (isClosing) return;
			problem = lastWords;
			log(`redis-server has exited; restarting it${lastWords ? `; its last line: ${lastWords}` : ''}`);
			restarting = restart();
		});
	};
	watch();
	return {
		server: () => server,
		problem: () => problem,
		close: async how => {
			isClosing = true;
			startClosing();
			// A server in the middle of a restart would outlive the room.
			await restarting;
			await server[how]();
		},
	};
};

const openOnce = async (
	options: RedisOptions,
	identity: () => Promise<Kin>,
	log: (line: string) => void,
	onWaiting: () => void,
): Promise<RoomRedis> => {
	const given = givenRedis(options);
	const kept = given === undefined ? await keepServer(join(options.stateFolder, 'redis'), log, onWaiting) : undefined;
	const place: RedisAddress = given ?? kept?.server().address ?? {socketPath: ''};
	const address = nameOf(place);
	const isReplicated = options.config?.durability === 'replicated';
	try {
		let source: JournalSource | undefined;
		const journal = createJournal(options, identity, () => source);
		const epoch = await createEpochWatch(options.stateFolder, options.namespace, journal);
		const listening: Subscriber[] = [];
		let persistence: Persistence | undefined;
		let wasJoined = false;
		const connecting = connectRedis(place, {
			// Nothing is claimed on a Redis other than the one that went away.
			verify: async greeting => {
				if (given) persistence ??= await checkPersistence(greeting, address, options.redisAccess?.isVolatile === true);
				await checkCommands(greeting, address, options.namespace, !given);
				if (isReplicated && !wasJoined) await checkReplica(greeting, address);
				wasJoined = true;
				await checkIdentity(greeting, options, await identity());
				if (!options.isMoving) await epoch.check(greeting);
			},
		});
		onWaiting();
		const connection = await connecting;
		// Listeners on an earlier primary would hear nothing any more.
		connection.onLost(() => {
			for (const subscriber of listening) subscriber.leave();
		});
		const taken = given ? undefined : followTaken(join(options.stateFolder, 'redis'), options.namespace, log);
		const close = async (how: 'stop' | 'stopUnlessUsed'): Promise<void> => {
			for (const subscriber of listening) subscriber.close();
			try {
				// What was written since the last look is remembered too.
				if (connection.isConnected && !options.isMoving) await epoch.check(connection).catch(() => undefined);
				await epoch.flush();
				if (!options.isMoving) await journal.catchUp();
			} finally {
				// Also where nothing can be written any more: a server would outlive its room.
				connection.close();
				await taken?.close();
				await kept?.close(how);
			}
		};
		const coordination = createCoordination({connection, namespace: options.namespace, newOpId: randomUUID, isReplicated});
		source = {connection, coordination, epoch};
		return {
			connection,
			epoch,
			journal,
			merging: async () => String((await connection.call('HGET', `${options.namespace}:meta`, 'merge')) ?? ''),
			problem: () => kept?.problem() || connection.problem,
			coordination,
			takenUnseen: async () => (await taken?.missed()) ?? [],
			address,
			isReplicated,
			note: tellPersistence(persistence ?? 'disk'),
			listen: how => {
				const subscriber = createSubscriber(connection.way, how);
				listening.push(subscriber);
				return subscriber;
			},
			close: () => close('stop'),
			giveBack: () => close('stopUnlessUsed'),
		};
	} catch (error) {
		await kept?.close('stopUnlessUsed');
		throw error;
	}
};

/** Whether the server is only away or busy for a moment, as after a kill -9 or during a failover; any other refusal is final. */
const isAway = (error: unknown, follows: boolean): boolean => {
	if (!(error instanceof RedisRefused)) return error instanceof RedisLost || isRefusedForNow(error);
	// An unknown host name is a mistake in the address.
	return (error.code === 'unreachable' && !error.message.includes('ENOTFOUND')) || (error.code === 'read-only' && follows);
};

const followsPrimary = (given: RedisAddress | undefined): boolean =>
	given !== undefined && 'url' in given && ['sentinel', 'cluster'].includes(parseRedisUrl(given.url).kind);

/**
 * Connects the room to its Redis: the given URL, else the embedded server of the state folder, started or adopted. An embedded one that crashes
 * meanwhile is reopened; an external one is retried for `patienceMs`. The repository's identity is asked for once Redis is there; nothing is written
 * before it is known. `onWaiting` is called, maybe more than once, when there is nothing to do but wait for the server.
 */
export const openRedis = async (
	options: RedisOptions,
	identity: () => Promise<Kin>,
	log: (line: string) => void,
	{patienceMs = PATIENCE_MS, onWaiting = () => undefined}: {readonly patienceMs?: number; readonly onWaiting?: () => void} = {},
): Promise<RoomRedis> => {
	const given = givenRedis(options);
	const follows = followsPrimary(given);
	const deadline = performance.now() + patienceMs;
	let told = '';
	for (let opening = 1; ; opening++) {
		try {
			return await openOnce(options, identity, log, onWaiting);
		} catch (error) {
			if (!isAway(error, follows) || (given ? performance.now() > deadline : opening === OPENINGS)) throw error;
			const words = error instanceof Error ? error.message : String(error);
			if (words !== told) log(`Redis disconnected while opening: ${words}`);
			told = words;
			await wait(given ? AGAIN_MS : REOPEN_DELAY_MS * 2 ** (opening - 1));
		}
	}
};
