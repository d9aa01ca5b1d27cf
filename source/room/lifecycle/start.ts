import {mkdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {tellWay} from '../../core/authority/principal.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Merging} from '../../core/team/rooms.ts';
import {oneLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import {openGuardian} from '../../git/guardian/guardian.ts';
import {type Remote, sharedPrefix} from '../../git/remote/remote.ts';
import {readIdentity} from '../../git/repository/identity.ts';
import {kinOf} from '../../git/repository/kinship.ts';
import {writeMark} from '../../git/repository/mark.ts';
import {makeAhead} from '../../git/worktree/pool.ts';
import {isRefusedForNow, RedisLost} from '../../redis/errors.ts';
import {orderedBy} from '../../redis/ordered.ts';
import {untilConnected} from '../../redis/retry.ts';
import {socketPathFor} from '../../socket/path.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {sweepTemporary} from '../attempt/temporary.ts';
import {showMail} from '../mail/mail.ts';
import {type Outside, perform} from '../orders/perform.ts';
import {rebuild} from '../orders/rebuild.ts';
import type {ConfigSource, OpenRoom, RoomOptions, Terminals} from '../parts/options.ts';
import type {Room} from '../parts/parts.ts';
import {worktreesFolder} from '../prepare/workspace.ts';
import {joinTeam, nameTeam} from '../recovery/join.ts';
import {recover, registerTeam, setBudget} from '../recovery/recover.ts';
import {freeEarlierLocks, repairState} from '../recovery/repair.ts';
import {givenRedis, openRedis, type RoomRedis, RoomRefused} from '../redis/redis.ts';
import {askRemoteFirst} from '../remote/remote.ts';
import {checkSameRemote} from '../remote/same.ts';
import {createTaskInspector} from '../requests/lookup.ts';
import {noteMail} from '../session/mail.ts';
import {beginIdentity, livesOf} from '../team/identity.ts';
import {outsideBudget, withinBudget} from '../team/outside-budget.ts';
import {missingRoles, type PlannedAgent, planTeam} from '../team/team.ts';
import {followRules} from './follow-rules.ts';
import {type Life, startLoops} from './lifecycle.ts';
import {createLog} from './log.ts';
import {makeParts} from './parts.ts';
import {findDestination, findRepository, lackingLargeFiles} from './repository.ts';
import {findRoomPaths, formatUnprotected, refuseOpenRedis} from './sandbox.ts';
import {keepReachable, openSockets} from './socket.ts';
import {type ConfigTaker, createConfigTaker} from './take-config.ts';
import {watchBudget} from './watch-budget.ts';

/** How long a start waits for a Redis that it has lost, and how often it asks one that refuses. */
const PATIENCE_MS = 15_000;
const REFUSED_MS = 250;

const planned = (options: RoomOptions): readonly PlannedAgent[] => {
	try {
		return withinBudget(options.config, planTeam(options.config, options.harnesses));
	} catch (error) {
		throw new RoomRefused('config', error instanceof Error ? error.message : String(error), '`agent-room config print` shows the team.');
	}
};

/** A human's order while Redis is away or refuses gets an answer, not a fault. Throws on any other error. */
const refusalWithoutRedis = (error: unknown): ActionResult => {
	if (error instanceof RedisLost)
		return refusal('redis-lost', 'Redis disconnected: nothing was changed.', 'Try again when the room has reconnected.');
	if (isRefusedForNow(error))
		return refusal('redis-refuses', `Redis refuses to write: ${cleanText(error.message, 200)}.`, 'Check its disk and memory.');
	throw error;
};

/** Repeats a step of a start, which must be repeatable, if Redis was away or refused but recovers in time. */
const patiently = async <T>({link, lifecycle}: Pick<Room, 'link' | 'lifecycle'>, step: () => Promise<T>): Promise<T> => {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		try {
			return await step();
		} catch (error) {
			const left = deadline - performance.now();
			const isLost = error instanceof RedisLost;
			if ((!isLost && !isRefusedForNow(error)) || !lifecycle.isRunning() || left <= 0) throw error;
			await Promise.race([isLost ? link.whenConnected() : wait(REFUSED_MS), wait(left, undefined, {ref: false})]);
		}
	}
};

/** The same before there is a room: the requests to Redis are idempotent. */
const patientlyOn = async <T>({connection}: RoomRedis, step: () => Promise<T>): Promise<T> => {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		try {
			return await step();
		} catch (error) {
			if (!(error instanceof RedisLost) || !(await untilConnected(connection, deadline - performance.now()))) throw error;
		}
	}
};

/** Names the keys that an untrusted file would change; `agent-room config print` shows it whole. */
const untrusted = ({settings}: RoomOptions): string => {
	const names = (settings?.values ?? []).filter(({isIgnored}) => isIgnored).map(({name}) => name);
	const named = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
	return `You have not trusted agent-room.yaml, so nothing in it takes effect${named === '' ? '' : ` (it sets ${named})`}: run \`agent-room config trust\` or use --trust`;
};

/** On a private Redis a room is alone: no other would fetch what it shares. */
const sharedBy = ({redisUrl, namespace}: RoomOptions, remote: Remote | undefined): {readonly remote?: Remote} =>
	remote && redisUrl !== undefined ? {remote: {...remote, shared: sharedPrefix(namespace)}} : {};

/** The options with the destination of merges that was found, also for the display of settings. */
const withMerging = (options: RoomOptions, merge: Merging): RoomOptions => {
	if (options.config.merge === merge) return options;
	const {settings} = options;
	const values = settings?.values.map(value => (value.name === 'merge' ? {...value, value: merge} : value));
	return {...options, config: {...options.config, merge}, ...(settings && values ? {settings: {...settings, values}} : {})};
};

/** Reasons for `run` to refuse to start, since no human is there to fix them; a room opens and shows them. */
const shortcomings = (options: RoomOptions, team: readonly PlannedAgent[]): readonly string[] => [
	...(options.isTrusted ? [] : [untrusted(options)]),
	...(options.config.test === undefined ? ['no test command: merges wait until you set `test:` in agent-room.yaml'] : []),
	...(options.isWorker === true ? [] : missingRoles(options.config, team)),
];

/**
 * Starts the room of a repository: Redis, team, sockets and loops. Throws `RoomRefused`, `GitRefused` or `RedisRefused` with one sentence if it
 * cannot; then nothing has changed.
 */
export const startRoom = async (
	options: RoomOptions,
	terminals: Terminals,
	onLog?: (line: string) => void,
	/** Without it the room keeps the configuration it started with. */
	source?: ConfigSource,
): Promise<OpenRoom> => {
	// Contains nothing of an untrusted file: `loadConfiguration` decides that.
	const {config, stateFolder} = options;
	const members = planned(options);
	const missing = shortcomings(options, members);
	if (options.isForeground && missing[0])
		throw new RoomRefused('not-ready', `Cannot start the room: ${missing[0]}.`, 'Run `agent-room doctor` for the next step.');
	const outside = outsideBudget(config, planTeam(config, options.harnesses));
	const log = createLog(options, onLog);
	const socketPath = socketPathFor(stateFolder);
	mkdirSync(dirname(socketPath), {recursive: true, mode: 0o700});

	let life: Life | undefined;
	let joined: (() => Promise<void>) | undefined;
	const sockets = await openSockets(stateFolder, terminals, () => life?.room);
	for (const folder of freeEarlierLocks(stateFolder, socketPath)) log(`freed ${folder}: its lock was held in a container that is gone`);
	// Redis starts while git is asked, which takes as long; it is told nothing before git has answered.
	const finding = findRepository(options, members);
	const foundPaths = findRoomPaths(options, config, members);
	const kin = finding.then(({repository, base}) => kinOf(repository, base, join(stateFolder, 'guardian.git')));
	kin.catch(() => undefined);
	// Most rooms in the foreground never have a terminal.
	const onWaiting = (): void => (options.isForeground ? undefined : terminals.prepare?.());
	const opening: Promise<RoomRedis> = openRedis(options, () => kin, log, {onWaiting});
	// What a shared Redis records about merges is read only if the configuration says nothing.
	const recorded = options.redisUrl === undefined ? undefined : async () => (await opening).merging();
	// Whether Redis obeys anyone is known only of a server that answers.
	const guarding = opening.then(async () => refuseOpenRedis(givenRedis(options), config, members, await foundPaths));
	try {
		const [redis, sandbox, identity, {repository, base, guardian, merge, large}] = await Promise.all([
			opening,
			foundPaths,
			finding.then(({repository: {root}}) => readIdentity(root)),
			finding.then(async found => {
				const {merge, remote} = await findDestination(found, config, recorded);
				const folder = join(stateFolder, 'guardian.git');
				const bounds = {mostBytes: config.limits.disk};
				const guardian = await openGuardian({...found, ...(remote ? {remote} : {}), ...sharedBy(options, remote), ...bounds, folder});
				await askRemoteFirst(guardian, stateFolder);
				const given = {remote: remote && oneLine(remote.name, 60), path: process.env.PATH ?? ''};
				return {...found, guardian, merge, large: await lackingLargeFiles(found.repository, found.base, given)};
			}),
			guarding,
		]);
		for (const {what, path} of await repairState(stateFolder, guardian.store, true)) log(`removed ${what}: ${path}`);
		sweepTemporary(stateFolder);
		writeMark(stateFolder, {base, identity: (await kin).identity});
		const settled = withMerging(options, merge);
		const begun = beginIdentity(stateFolder);
		await patientlyOn(redis, () => checkSameRemote(redis, guardian, {namespace: options.namespace, room: begun.name}));
		const self = await patientlyOn(redis, () => joinTeam(redis, begun, {options: settled, base}));
		joined = () => redis.coordination.leaveTeam(self.life);
		const team = await patientlyOn(redis, () => nameTeam(redis, self, members));
		let look: ReturnType<typeof createTaskInspector> | undefined;
		let takeConfig: ConfigTaker['take'] = async () => refusal('starting', 'The room is starting.', '');
		const parts = await makeParts({
			...{
				options: settled,
				self,
				team,
				missing: [...missing, ...large, ...outside],
				log,
				redis,
				sandbox,
				identity,
				repository,
				base,
				guardian,
			},
			openSocket: sockets.attempts.open,
			terminals: terminals.count,
			asked: {
				dispatch: async (action, way) => {
					if (!life) throw new Error('the room is starting');
					const {room, stop} = life;
					const outside: Outside = {
						stop: (reason = 'stopped by you') => void stop(reason),
						detachAll: () => terminals.sendHome('detached'),
						reconnect: () => redis.connection.retryNow(),
						rebuild: order => rebuild(room, redis, order),
						takeConfig: order => takeConfig(order),
					};
					return orderedBy(way === undefined ? '' : tellWay(way), () => perform(room, action, outside)).catch(refusalWithoutRedis);
				},
				look: async (what, task) => look?.(what, task),
			},
		});
		const living = startLoops(parts, {redis, terminals, sockets: [sockets.attempts, sockets.person], untilEmpty: options.untilEmpty});
		life = living;
		const {room} = living;
		const taker = createConfigTaker(room, {source, onTaken: now => terminals.configure?.(now.config)}, now => [
			...shortcomings(now, room.slots.team()),
			...outsideBudget(now.config, planTeam(now.config, now.harnesses)),
			...formatUnprotected(now.config, sandbox),
			...now.notes,
		]);
		takeConfig = taker.take;
		look = createTaskInspector(room);
		const left = await patiently(room, () => recover(room, livesOf(self.name)));
		if (left > 0) log(`${left} tasks of an earlier run of this room were reclaimed`);
		await patiently(room, () => registerTeam(room));
		await patiently(room, () => setBudget(room));
		living.onEvent(event => {
			showMail(room, event);
			noteMail(room, event);
		});
		living.go();
		void living.ended.then(keepReachable(sockets, {log, onLost: reason => void living.stop(reason)}));
		living.whileRunning('the configuration', taker.look);
		living.whileRunning('the rules file', followRules(room, source));
		living.whileRunning('the budget', watchBudget(room));
		living.whileRunning('worktrees ahead', async () => {
			if (room.slots.team().some(({writes}) => writes)) makeAhead(guardian.store, worktreesFolder(stateFolder));
		});
		return {
			store: room.record,
			host: self.host,
			socketPath,
			ended: living.ended,
			drain: living.drain,
			stop: living.stop,
			onEvent: living.onEvent,
		};
	} catch (error) {
		// No room may wait for one that never started.
		await joined?.().catch(() => undefined);
		await opening.then(
			redis => redis.close(),
			() => undefined,
		);
		await sockets.person.close();
		// Away for longer than a start waits: what started it may try again.
		if (error instanceof RedisLost)
			throw new RoomRefused(
				'redis-lost',
				`Redis disconnected while the room was starting, and did not answer within ${PATIENCE_MS / 1000} s.`,
				'Check the server, then start again.',
			);
		throw error;
	}
};
