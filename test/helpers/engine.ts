import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {expect} from 'vitest';
import type * as z from 'zod';
import type {Agent} from '../../source/core/agent/agent.ts';
import {configSchema} from '../../source/core/config/config.ts';
import type {RoomEvent} from '../../source/core/event/event.ts';
import type {Action, ActionResult} from '../../source/core/protocol/action.ts';
import type {Reply, Report, Request} from '../../source/core/protocol/request.ts';
import type {Task} from '../../source/core/task/task.ts';
import type {TeamSnapshot} from '../../source/core/team/snapshot.ts';
import type {Harness} from '../../source/harnesses/shared/harness.ts';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import {addressOf} from '../../source/redis/server/credentials.ts';
import {startRoom} from '../../source/room/lifecycle/start.ts';
import type {OpenRoom, RoomOptions} from '../../source/room/parts/options.ts';
import type {RoomState} from '../../source/room/parts/state.ts';
import {givenRedis} from '../../source/room/redis/redis.ts';
import {request} from '../../source/socket/client.ts';
import {attemptSocketFolders, attemptSocketFor} from '../../source/socket/path.ts';
import type {RoomStore} from '../../source/store/room.ts';
import {temporaryFolder} from './cleanup.ts';
import {letGitRunApart} from './git-apart.ts';
import {node, programFile, root} from './program.ts';
import {createTestRepository, type TestRepository} from './repository.ts';
import {onFinished} from './side-by-side.ts';
import {until} from './wait.ts';

/** A shell program by role, or several of one role by a list; `$D` in it is the test's scratch folder. */
export type Scripts = Readonly<Record<string, string | readonly string[]>>;

export type EngineOptions = {
	readonly agents: Scripts;
	/** What the harnesses of a role are beside a command: an agent CLI, which its script plays. */
	readonly clis?: Readonly<Record<string, Partial<Harness>>>;
	/** In its test command `$D` is the scratch folder too. */
	readonly config?: Partial<z.input<typeof configSchema>>;
	readonly files?: Readonly<Record<string, string>>;
	readonly options?: Partial<RoomOptions>;
	/** Another repository than a new one of its own. */
	readonly repository?: TestRepository;
	/** The next life of a room that has ended: the same repository and folders. */
	readonly again?: TestRoom;
	/** What its repository is given before it opens: a remote, say. */
	readonly before?: (repository: TestRepository) => void;
};

type Identity = {readonly agent: string; readonly task: string; readonly token: string};

/** A real room in this process, without a terminal: real Redis, git and agents. It is stopped when the test ends. */
export type TestRoom = {
	readonly room: OpenRoom;
	readonly store: RoomStore;
	readonly repository: TestRepository;
	/** The scratch folder that the agents' programs know as `$D`. */
	readonly folder: string;
	readonly events: readonly RoomEvent[];
	team(): TeamSnapshot;
	task(id: string): Task;
	agent(id: string): Agent;
	/** A file of the scratch folder, '' where it is not there yet. */
	read(name: string): string;
	has(name: string): boolean;
	touch(name: string): void;
	write(name: string, text: string): void;
	remove(name: string): void;
	ask(action: Action): Promise<ActionResult>;
	/** As `ask`, and it must not be refused; the room knows of what was added. */
	must(action: Action): Promise<ActionResult>;
	call(wanted: Request): Promise<Reply>;
	/** By the socket of that attempt, as its agent does, or by that of another; `no-socket` where that is gone with it. */
	report(as: Identity, report: Report, by?: {readonly token: string}): Promise<Reply>;
	/** A connection of its own to the room's Redis, closed when the test ends. */
	connects(): Promise<RedisConnection>;
	/** Redis as an outsider types it. */
	redis(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
	/** Waits until it is so; long enough for a machine that does much else. */
	when(what: string, condition: () => unknown, timeoutMs?: number): Promise<void>;
	/** Waits until a `WAITS` of this task's attempt works, and the room knows it. */
	atWork(id: string, attempt: number): Promise<Task>;
	/** `Room-Task` of every landing on the base, newest first. */
	mergedCommit(): readonly string[];
	/** Git in the room's own objects: attempts are `refs/agent-room/attempts/<task>-a<attempt>` there. */
	kept(...args: readonly string[]): string;
	/** Folders of worktrees that are there. */
	worktrees(): readonly string[];
};

/** Approves whatever it is shown. */
export const APPROVES = 'agent-room report done --verdict approve';
/** Writes one file named after its task. */
export const WRITES = 'echo "$AGENT_ROOM_AGENT attempt $AGENT_ROOM_ATTEMPT" >"$AGENT_ROOM_TASK.txt"';
/** Says in `$D/at-<task>-<attempt>` with which token it works, and waits there until `$D/go-<task>` is made. */
export const WAITS = [
	'echo "$AGENT_ROOM_TOKEN" >"$D/at-$AGENT_ROOM_TASK-$AGENT_ROOM_ATTEMPT"',
	'while [ ! -e "$D/go-$AGENT_ROOM_TASK" ]; do sleep 0.05; done',
].join('\n');

export const DEV_1 = 'agent:dev:001';
export const DEV_2 = 'agent:dev:002';

const writeAgents = (folder: string, agents: Scripts, clis: NonNullable<EngineOptions['clis']>) => {
	const harnesses: Record<string, RoomOptions['harnesses'][string]> = {};
	const team = Object.entries(agents).flatMap(([role, scripts]) =>
		[scripts].flat().map((script, at) => {
			const name = `${role}-${at + 1}`;
			const file = join(folder, `${name}.sh`);
			writeFileSync(file, `D='${folder}'\n${script}\n`);
			harnesses[name] = {name, command: ['sh', file], finish: 'exit', ...clis[role]};
			return {role, harness: name};
		}),
	);
	return {team, harnesses};
};

/** The socket of the attempt that this token is of, undefined where it is gone. */
export const attemptSocketOf = (stateFolder: string, {token}: {readonly token: string}): string | undefined => {
	const [folder] = attemptSocketFolders(stateFolder);
	const names = existsSync(folder) ? readdirSync(folder) : [];
	const name = names.find(found => found.endsWith(`-${token.split(':')[0]}`));
	return name && attemptSocketFor(stateFolder, name);
};

/** How the log tells of a move of a slot that was refused. */
const REFUSED_MOVE = /^\S+ agent:\S+ cannot [a-z-]+: it is /;

const logOf = (stateFolder: string): string => {
	const file = join(stateFolder, 'room.log');
	return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

export const openEngine = async ({
	agents,
	clis = {},
	config = {},
	files = {},
	options = {},
	again,
	before,
	...given
}: EngineOptions): Promise<TestRoom> => {
	letGitRunApart();
	const repository = again?.repository ?? given.repository ?? createTestRepository({files: {'README.md': 'hello\n', ...files}});
	before?.(repository);
	const base = again ? dirname(again.folder) : temporaryFolder('e');
	const [stateFolder, folder] = [join(base, 's'), join(base, 'd')];
	for (const made of [stateFolder, folder]) mkdirSync(made, {recursive: true, mode: 0o700});
	const {team, harnesses} = writeAgents(folder, agents, clis);
	const room = await startRoom(
		{
			repository: repository.root,
			stateFolder,
			config: configSchema.parse({
				// Its programs tell what they do by files of the scratch folder, and run hooks from their sources.
				...{base: 'main', backoff: '50ms', lease: '3s', team, writable: [folder], readable: [root]},
				...config,
				test: 'test' in config ? config.test && [config.test].flat().map(command => command.replaceAll('$D', folder)) : 'true',
			}),
			isTrusted: true,
			harnesses,
			notes: [],
			namespace: 'workflow',
			isForeground: true,
			untilEmpty: false,
			node,
			binFile: join(root, 'bin', 'agent-room.js'),
			programFile,
			...options,
		},
		{attach: connection => void connection.destroy(), count: () => 0, sendHome: () => undefined},
	);
	onFinished(async () => {
		await room.stop('the test is over');
		// Every test of a room is one of its slots: nothing that it does may be refused as what cannot be.
		expect(
			logOf(stateFolder)
				.split('\n')
				.filter(line => REFUSED_MOVE.test(line)),
		).toEqual([]);
	});
	const events: RoomEvent[] = [];
	room.onEvent(event => events.push(event));
	const {store} = room;
	const connects = async (): Promise<RedisConnection> => {
		const given = givenRedis({namespace: 'workflow', ...options});
		const connection = await connectRedis(given ?? addressOf(join(stateFolder, 'redis')));
		onFinished(() => connection.close());
		return connection;
	};
	const outside = await connects();
	// Not only what was published last: a test asks more often than a screen.
	const snapshot = (): TeamSnapshot => (store as RoomState).getFresh().team;
	const found = <T>(what: string, value: T | undefined): T => {
		if (value === undefined) throw new Error(`There is no ${what}.`);
		return value;
	};
	const file = (name: string): string => join(folder, name);
	const when = async (what: string, condition: () => unknown, timeoutMs = 50_000): Promise<void> => {
		await until(condition, {timeoutMs, what: () => `${what}. The last of the record:\n${story()}`});
	};
	const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8').trim() : '');
	const call = (wanted: Request): Promise<Reply> => request(room.socketPath, wanted);
	const story = (): string =>
		[
			...events.slice(-25).map(event => `${event.type} ${event.task} ${event.agent} ${event.text}`),
			...[...snapshot().agents.values()].map(({id, status, task, reason}) => `${id} is ${status} ${task} ${reason}`.trimEnd()),
			'The end of its log:',
			...logOf(stateFolder).trimEnd().split('\n').slice(-25),
		].join('\n');
	return {
		room,
		store,
		repository,
		folder,
		events,
		team: snapshot,
		task: id => found(`task ${id}`, snapshot().tasks.get(id)),
		agent: id => found(`agent ${id}`, snapshot().agents.get(id)),
		read,
		has: name => existsSync(file(name)),
		touch: name => writeFileSync(file(name), ''),
		write: (name, text) => writeFileSync(file(name), text),
		remove: name => rmSync(file(name), {force: true}),
		ask: action => store.dispatch(action),
		must: async action => {
			const result = await store.dispatch(action);
			if (!result.ok) throw new Error(`refused: ${result.message}`);
			await when('what was added is known', () => (result.ids ?? []).every(id => snapshot().tasks.has(id)));
			return result;
		},
		call,
		report: async (as, report, by = as) => {
			const socket = attemptSocketOf(stateFolder, by);
			const gone = {ok: false, code: 'no-socket', message: 'The socket of that attempt is gone with it.'};
			return socket === undefined ? gone : request(socket, {op: 'report', ...as, ...report});
		},
		connects,
		redis: (command, ...args) => outside.call(command, ...args),
		when,
		atWork: async (id, attempt) => {
			const works = (): boolean => {
				const token = snapshot().tasks.get(id)?.token;
				return token !== undefined && token !== '' && read(`at-${id}-${attempt}`) === token;
			};
			await when(`attempt ${attempt} of ${id} works`, works);
			return found(`task ${id}`, snapshot().tasks.get(id));
		},
		kept: (...args) => repository.git(['--git-dir', join(stateFolder, 'guardian.git'), ...args]),
		worktrees: () =>
			existsSync(join(stateFolder, 'worktrees')) ? readdirSync(join(stateFolder, 'worktrees')).filter(name => !name.startsWith('.')) : [],
		mergedCommit: () =>
			repository
				.git(['log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=%x2c)', 'main'])
				.split('\n')
				.filter(Boolean),
	};
};
