import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {setTimeout as delay} from 'node:timers/promises';
import {tryLock} from '../../git/lock/lock-file.ts';
import {ensureOwnFolder, isOwnFolder} from '../../os/own-folder.ts';
import type {RoomOptions} from '../../room/parts/options.ts';
import {CommandError, notReady, packageRoot} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

/**
 * Runs `work` while nobody else starts or ends a room or an embedded Redis of this state folder. So two rooms never start side by
 * side, and a command that borrows Redis for a moment never stops the one of a room that just came up. Freed by the holder's death.
 */
export const withStartLock = async <T>(stateFolder: string, work: () => Promise<T>): Promise<T> => {
	const file = join(stateFolder, 'start.lock');
	const since = performance.now();
	for (;;) {
		const answer = tryLock(file);
		if ('release' in answer) {
			try {
				return await work();
			} finally {
				answer.release();
			}
		}
		if (performance.now() - since > PATIENCE_MS) {
			const pid = answer.holder?.pid ?? 0;
			throw new CommandError('busy', `Process ${pid} has been starting a room here for a minute.`, `Check it: ps -p ${pid}`);
		}
		await delay(PAUSE_MS);
	}
};

const READY_MS = 30_000;
/** For `entries/room.ts`: wait for the word on stdin, and start nothing without it. */
const TOLD = 'told';
const GO = 'go\n';
const LARGEST_LOG = 5_000_000;

/** What belongs to the pane that a command may run in, never to a room that it starts. */
const OF_A_PANE = /^AGENT_ROOM_(?:AGENT|ROLE|TASK|TITLE|STAGE|ATTEMPT|ROUND|TOKEN|BRIEF_FILE|WORKTREE|BRANCH|BASE|SOCKET|STATE|RUN|PORT)$/;

/** What its options tell a room already, with a password perhaps, and what every process of this user could read in its environment for as long as it runs. */
const TOLD_ALREADY = [
	'AGENT_ROOM_REDIS_URL',
	'AGENT_ROOM_REDIS_PASSWORD',
	'AGENT_ROOM_REDIS_SENTINEL_PASSWORD',
	'AGENT_ROOM_REDIS_CA',
	'REDISCLI_AUTH',
];

const roomEnvironment = (environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_A_PANE.test(name) && !TOLD_ALREADY.includes(name)));

/**
 * Where a room keeps what V8 made of its program, which is run as it lies there: a folder that this user alone enters, the one that the person chose
 * if it is such a one, and no agent is told of it. The command line reads the same (`bin/agent-room.js`). Undefined: nothing is kept.
 */
const compiledFolder = (
	stateFolder: string,
	{NODE_COMPILE_CACHE: chosen = ''}: Readonly<Record<string, string | undefined>>,
): string | undefined => {
	if (isOwnFolder(chosen)) return chosen;
	const own = join(dirname(stateFolder), 'compiled');
	return ensureOwnFolder(own) ? own : undefined;
};

const openLog = (file: string): number => {
	if ((statSync(file, {throwIfNoEntry: false})?.size ?? 0) > LARGEST_LOG) renameSync(file, `${file}.1`);
	return openSync(file, 'a', 0o600);
};

const lastLineOf = (file: string): string => readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '';

type Readiness = {readonly ok: boolean; readonly code?: string; readonly message?: string; readonly hint?: string};

const readReadiness = (line: string): Readiness => {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value && 'ok' in value ? {...value, ok: value.ok === true} : {ok: false};
	} catch {
		return {ok: false};
	}
};

/** A room process that has begun to load and waits to be told to start. */
export type WaitingRoom = {
	/**
	 * Starts the room and waits until it says on fd 3 that it is ready: one JSON line, `{"ok":true}` or `{"ok":false,"code","message","hint"}`. A
	 * room that cannot start is a refusal with exit 3 in its own words, or with the last line of its log.
	 */
	start(options: RoomOptions): Promise<void>;
	/** Lets it go: one that was not told to start ends without having done anything, as it does when this process dies. */
	dismiss(): void;
};

/**
 * Brings up the process of a room, in a session of its own, before it is known what the room shall be: it loads its program, which takes
 * longest of all, while this process asks git and reads the configuration. `start` is for whoever holds the start lock.
 */
export const prepareRoomProcess = (
	{stateFolder, root}: {readonly stateFolder: string; readonly root: string},
	environment: Readonly<Record<string, string | undefined>>,
): WaitingRoom => {
	const program = join(packageRoot(), 'dist', 'room.js');
	if (!existsSync(program)) throw notReady('not-built', `\`${program}\` is missing.`, 'In a checkout: npm run build');
	const optionsFile = join(stateFolder, 'room.json');
	const logFile = join(stateFolder, 'room.log');
	const log = openLog(logFile);
	const child = spawn(process.execPath, [program, optionsFile, TOLD], {
		cwd: root,
		detached: true,
		env: {...roomEnvironment(environment), NODE_COMPILE_CACHE: compiledFolder(stateFolder, environment)},
		stdio: ['pipe', log, log, 'pipe'],
	});
	closeSync(log);
	const [told, ready] = [child.stdio[0] as Writable, child.stdio[3] as Readable];
	// One that died while it loaded is told nothing; its end is the answer.
	told.on('error', () => undefined);
	const {promise: readiness, resolve: settle} = Promise.withResolvers<Readiness>();
	createInterface({input: ready}).on('line', line => settle(readReadiness(line)));
	child.on('error', error => settle({ok: false, message: `The room did not start: ${error.message}.`}));
	child.on('exit', () => setImmediate(() => settle({ok: false})));
	const letGo = (): void => {
		told.end();
		ready.destroy();
		child.unref();
	};
	return {
		start: async options => {
			writeFileSync(`${optionsFile}.${process.pid}`, JSON.stringify(options), {mode: 0o600});
			renameSync(`${optionsFile}.${process.pid}`, optionsFile);
			told.end(GO);
			const timer = setTimeout(() => settle({ok: false, message: 'The room was not ready within 30 seconds.'}), READY_MS);
			const {ok, code, message, hint} = await readiness;
			clearTimeout(timer);
			letGo();
			if (ok) return;
			if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
			const why = message || `The room did not start: ${plainLine(lastLineOf(logFile))}`;
			throw new CommandError(code || 'room-failed', why, hint || `See its log: ${logFile}`, 3);
		},
		dismiss: letGo,
	};
};
