import {randomBytes, randomUUID} from 'node:crypto';
import {appendFileSync, chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import type {Socket} from 'node:net';
import {basename, dirname, join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {type Principal, tellWay} from '../../core/authority/principal.ts';
import {NO_SETTINGS} from '../../core/config/config.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Reply, Request} from '../../core/protocol/request.ts';
import {refusal} from '../../core/text/refusal.ts';
import {openGuardian} from '../../git/landing/guardian.ts';
import {listFiles} from '../../git/repository/files.ts';
import {readIdentity} from '../../git/repository/identity.ts';
import {openForPerson} from '../../git/worktree/person.ts';
import {isRefusedForNow, RedisLost} from '../../redis/errors.ts';
import {orderedBy} from '../../redis/ordered.ts';
import {socketPathFor} from '../../socket/path.ts';
import {type Caller, createChallenges} from '../../socket/proof.ts';
import {type AttachRequest, type SocketServer, serveSocket} from '../../socket/server.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {showMail} from '../mail/mail.ts';
import {perform} from '../orders/perform.ts';
import {createTrainMemory} from '../parts/merge-queue.ts';
import {openMoves} from '../parts/moves.ts';
import type {OpenRoom, RoomEnd, RoomOptions, Terminals} from '../parts/options.ts';
import type {Engine} from '../parts/parts.ts';
import {createSlots, movesOf} from '../parts/slot-moves.ts';
import {createRoomState} from '../parts/state.ts';
import {recover, registerTeam, roomPrefix, setBudget} from '../recovery/recover.ts';
import {openRedis, RoomRefused} from '../redis/redis.ts';
import {createAttemptSockets} from '../requests/attempt-sockets.ts';
import {principalOf} from '../requests/caller.ts';
import {createPast} from '../requests/history.ts';
import {createLooker} from '../requests/lookup.ts';
import {createRefusals} from '../requests/refused.ts';
import {answer, refuseRequest} from '../requests/requests.ts';
import {noteMail} from '../session/mail.ts';
import {createPane} from '../team/pane.ts';
import {missingRoles, type PlannedAgent, planTeam} from '../team/team.ts';
import {startLoops} from './lifecycle.ts';
import {findRepository} from './repository.ts';
import {findSurroundings, refuseOpenRedis, tellUnguarded, unguardedIn} from './sandbox.ts';

const HEARTBEAT_TTL_MS = 30_000;
/** A start waits this long for a Redis that it has lost on the way. */
const PATIENCE_MS = 15_000;

/** A room of its own process writes to the log that is its stderr; one in the foreground leaves the person's terminal alone. */
const createLog = ({isForeground, stateFolder}: RoomOptions): ((line: string) => void) => {
	const file = join(stateFolder, 'room.log');
	return line => {
		const text = `${new Date().toISOString()} ${line}\n`;
		try {
			if (isForeground) appendFileSync(file, text, {mode: 0o600});
			else process.stderr.write(text);
		} catch {
			// A full disk costs the line, never the room.
		}
	};
};

/**
 * The `agent-room` that agents find on their PATH runs on the room's own Node, whatever theirs is. A report, which agents make many times a minute,
 * starts a program of its own that loads nothing else.
 */
const writeCommands = ({stateFolder, node, binFile}: RoomOptions): string => {
	const folder = join(stateFolder, 'bin');
	mkdirSync(folder, {recursive: true, mode: 0o700});
	const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
	const file = join(folder, 'agent-room');
	const reportFile = join(dirname(dirname(binFile)), 'dist', 'report.js');
	const starts = (program: string): string => `exec ${quoted(node)} ${quoted(program)} "$@"`;
	writeFileSync(file, `#!/bin/sh\n[ "$1" != report ] || ${starts(reportFile)}\n${starts(binFile)}\n`);
	chmodSync(file, 0o755);
	return folder;
};

const planned = (options: RoomOptions): readonly PlannedAgent[] => {
	try {
		return planTeam(options.config, options.harnesses);
	} catch (error) {
		throw new RoomRefused('config', error instanceof Error ? error.message : String(error), '`agent-room config print` shows the team.');
	}
};

/** A person's order while Redis is away or refuses: an answer, not a breakdown. Throws on everything else. */
const refusalWithoutRedis = (error: unknown): ActionResult => {
	if (error instanceof RedisLost)
		return refusal('redis-lost', 'Redis is away: nothing was changed.', 'The room connects again by itself; try again then.');
	if (isRefusedForNow(error))
		return refusal('redis-refuses', `Redis refuses to write: ${cleanText(error.message, 200)}.`, 'Is its disk or memory full?');
	throw error;
};

/** A step of a start, which may be done twice, is done again when Redis went away meanwhile and came back in time. */
const patiently = async <T>(engine: Engine, step: () => Promise<T>): Promise<T> => {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		try {
			return await step();
		} catch (error) {
			const left = deadline - performance.now();
			if (!(error instanceof RedisLost) || !engine.isRunning() || left <= 0) throw error;
			await Promise.race([engine.whenConnected(), wait(left, undefined, {ref: false})]);
		}
	}
};

/** Says what a file that is not trusted would change, by its keys: `agent-room config print` says it whole. */
const untrusted = ({settings}: RoomOptions): string => {
	const names = (settings?.values ?? []).filter(({isIgnored}) => isIgnored).map(({name}) => name);
	const named = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
	return `nothing in agent-room.yaml counts before you trust it: \`agent-room config trust\`, or --trust${named === '' ? '' : ` (it sets ${named})`}`;
};

/** What `run` refuses to start with, since nobody is there to mend it; the room opens and says it. */
const shortcomings = (options: RoomOptions, team: readonly PlannedAgent[]): readonly string[] => [
	...(options.isTrusted ? [] : [untrusted(options)]),
	...(options.config.test === undefined ? ['no test command: merges are held until `test:` is set in agent-room.yaml'] : []),
	...missingRoles(options.config, team),
];

/**
 * Starts the room of a repository: Redis, the team, the socket and the loops. Throws `RoomRefused`, `GitRefused` or `RedisRefused`
 * with one sentence where it cannot; nothing has been changed then.
 */
export const startRoom = async (options: RoomOptions, terminals: Terminals): Promise<OpenRoom> => {
	// Nothing of a file that nobody trusted is in it: `loadConfiguration` decides that.
	const {config} = options;
	const team = planned(options);
	const missing = shortcomings(options, team);
	if (options.isForeground && missing[0])
		throw new RoomRefused('not-ready', `The room cannot run: ${missing[0]}.`, '`agent-room doctor` checks everything.');
	const log = createLog(options);
	const socketPath = socketPathFor(options.stateFolder);
	mkdirSync(dirname(socketPath), {recursive: true, mode: 0o700});

	let engine: Engine | undefined;
	let endRoom: (reason: string) => Promise<RoomEnd> = async () => {
		throw new Error('the room has not started yet');
	};
	const ask = (principal: Principal, request: Request, reply: (reply: Reply) => void, connection: Socket): void => {
		if (engine)
			void answer(engine, principal, request, {
				reply,
				// Who hung up while the request was read is gone already: no `close` comes any more.
				onClose: listener => void (connection.destroyed ? listener() : connection.once('close', listener)),
			});
		else reply({ok: false, code: 'starting', message: 'The room is starting.', hint: 'Try again in a moment.'});
	};
	const attach = (principal: Principal, connection: Socket, request: AttachRequest): void => {
		const starting = {ok: false, code: 'starting', message: 'The room is starting; try again in a moment.'};
		const refused = engine ? refuseRequest(engine, principal, request) : starting;
		if (refused || !engine || principal.kind !== 'person') {
			connection.end(`${JSON.stringify(refused)}\n`);
			return;
		}
		const {state} = engine;
		const {way} = principal;
		terminals.attach(connection, request, {...state, dispatch: action => state.dispatch(action, way)}, state.touch);
	};
	/** Terminals of this room's life so far: each has its number in the record. */
	let terminalsSoFar = 0;
	const callerOf = (caller: Caller, terminal = 0): Principal => (engine ? principalOf(engine, caller, terminal) : {kind: 'outsider'});
	// The socket comes first: whoever holds it is the room of this state folder, and what an earlier life left is provably dead.
	const socket: SocketServer = await serveSocket({
		path: socketPath,
		challenge: createChallenges(join(options.stateFolder, 'callers')),
		onRequest: (request, reply, connection, caller) => ask(callerOf(caller), request, reply, connection),
		onAttach: (connection, request, caller) => attach(callerOf(caller, ++terminalsSoFar), connection, request),
	});
	const attemptSockets = await createAttemptSockets(options.stateFolder, {
		onRequest: (speaker, request, reply, connection) => ask({kind: 'agent', ...speaker}, request, reply, connection),
		onAttach: (speaker, connection, request) => attach({kind: 'agent', ...speaker}, connection, request),
	});
	// Redis starts while git is asked, which takes as long; it is told nothing before git has answered.
	const finding = findRepository(options.repository, config.base, team);
	const surrounding = findSurroundings(options, config, team);
	const guarding = surrounding.then(found => refuseOpenRedis(options.redisUrl, config, team, found));
	const opening = openRedis(options, async () => (await finding).repository.identity, log);
	try {
		const [redis, sandbox, identity, {repository, base, guardian}] = await Promise.all([
			opening,
			surrounding,
			finding.then(({repository: {root}}) => readIdentity(root)),
			finding.then(async found => ({
				...found,
				guardian: await openGuardian({...found, folder: join(options.stateFolder, 'guardian.git')}),
			})),
			guarding,
		]);
		const slots = createSlots(log);
		const roomId = `${roomPrefix(basename(options.stateFolder))}${randomBytes(4).toString('hex')}`;
		const state = createRoomState(
			{
				repository: {name: repository.name, root: repository.root, base, baseCommit: await guardian.baseHead()},
				room: {id: roomId, pid: process.pid, startedAt: Date.now(), terminals: 0},
				heartbeatTtlMs: Math.max(HEARTBEAT_TTL_MS, config.lease * 2),
				leaseMs: config.lease,
				hasTestCommand: config.test !== undefined,
				isTrusted: options.isTrusted,
				unguarded: unguardedIn(config, sandbox),
				settings: options.settings ?? NO_SETTINGS,
			},
			{
				panes: () => new Map(slots.all().map(({agent, pane}) => [agent.id, pane.info()])),
				pane: id => slots.pane(id)?.handle,
				dispatch: async (action, way) => {
					if (!engine) throw new Error('the room is starting');
					const room = {
						stop: (reason = 'stopped by a person') => void endRoom(reason),
						detachAll: () => terminals.sendHome('detached'),
						reconnect: () => redis.connection.retryNow(),
					};
					const living = engine;
					return orderedBy(way === undefined ? '' : tellWay(way), () => perform(living, action, room)).catch(refusalWithoutRedis);
				},
				whole: task => redis.coordination.task(task),
				files: () => listFiles(repository.root),
				look: async (what, task) => engine?.look(what, task),
				personGit: path => openForPerson(guardian.store, path),
				terminals: terminals.count,
				past: createPast(redis.coordination.record, log),
			},
		);
		for (const agent of team)
			movesOf(slots).add(
				agent,
				createPane(agent.id, () => state.touch(), config),
			);
		for (const [index, text] of [...missing, ...tellUnguarded(config, sandbox), ...options.notes].entries())
			state.setBanner(`missing-${index}`, {severity: 'warning', text: `${text[0]?.toUpperCase()}${text.slice(1)}.`});
		const coordination = redis.coordination;
		const train = createTrainMemory();
		const started = {
			options,
			config,
			roomId,
			base,
			repository,
			guardian,
			coordination,
			state,
			slots,
			look: createLooker({repository, guardian, train, coordination, options, state, config, slots}),
			begun: new Set<string>(),
			returning: new Set<string>(),
			notBefore: new Map(),
			failedStarts: new Map(),
			holds: new Map(),
			tidying: new Set<string>(),
			train,
			refusals: createRefusals({coordination, state, slots, log}),
			moves: openMoves(options.stateFolder, base),
			surroundings: {
				sandbox: {
					...sandbox,
					identity,
					onRefused: ({agent, task}: {readonly agent: string; readonly task: string}, host: string) =>
						void coordination
							.note({
								type: 'network_refused',
								agent,
								task,
								text: `asked for ${cleanText(host, 200)}, which \`network: models\` does not let through`,
							})
							.catch(error => log(`a refused host was not told: ${String(error)}`)),
				},
				store: guardian.store,
				stateFolder: options.stateFolder,
				openSocket: attemptSockets.open,
				commandsFolder: writeCommands(options),
				base,
				tests: config.test ?? '',
				repository: repository.root,
				node: options.node,
				binFile: options.binFile,
				programFile: options.programFile,
				hookFile: join(dirname(dirname(options.binFile)), 'dist', 'hook.js'),
				furtherEnvironment: config.environment,
				inherited: process.env,
			},
			newNonce: () => randomUUID().slice(0, 8),
			log,
		};
		const life = startLoops(started, redis, {untilEmpty: options.untilEmpty, sockets: [attemptSockets, socket], terminals});
		engine = life.engine;
		endRoom = life.stop;
		const left = await patiently(life.engine, () => recover(life.engine, roomPrefix(basename(options.stateFolder))));
		if (left > 0) log(`${left} tasks of an earlier life of this room were taken back`);
		await patiently(life.engine, () => registerTeam(life.engine));
		await patiently(life.engine, () => setBudget(life.engine));
		life.onEvent(event => {
			showMail(life.engine, event);
			noteMail(life.engine, event);
		});
		life.go();
		return {store: state, socketPath, ended: life.ended, stop: life.stop, onEvent: life.onEvent};
	} catch (error) {
		await opening.then(
			redis => redis.close(),
			() => undefined,
		);
		await socket.close();
		throw error;
	}
};
