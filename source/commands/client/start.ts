import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {withLock} from '../../os/lock.ts';
import {ensureOwnFolder, isOwnFolder} from '../../os/own-folder.ts';
import type {RoomOptions} from '../../room/parts/options.ts';
import {CommandError, notReady} from '../parse/command.ts';
import {plainLine} from '../parse/print.ts';

const PATIENCE_MS = 60_000;
export const START_LOCK = 'start.lock';

/**
 * Runs `work` under the start lock of a state folder, so that two rooms never start at once and a command that borrows Redis never stops a
 * new room's. A crash frees it.
 */
export const withStartLock = <T>(stateFolder: string, work: () => Promise<T>): Promise<T> =>
	withLock(
		join(stateFolder, START_LOCK),
		{
			timeoutMs: PATIENCE_MS,
			busy: holder => {
				const pid = holder?.pid ?? 0;
				return new CommandError('busy', `Process ${pid} has been starting a room here for a minute.`, `Check it: ps -p ${pid}`);
			},
		},
		work,
	);

const READY_MS = 30_000;
/** Makes `entries/room.ts` wait for a word on stdin, and exit without one. */
const TOLD = 'told';
const GO = 'go\n';
const LARGEST_LOG = 5_000_000;

/**
 * V8 lets what is new grow to 64 MB twice before it looks what is still in use, where the machine has much memory. Little of a room's lives on, so
 * that a look at 8 MB costs no more, and is as short.
 */
const V8_FLAGS = ['--max-semi-space-size=8'];

/** Variables of a pane, which a room must not inherit. */
const OF_A_PANE = /^AGENT_ROOM_(?:AGENT|ROLE|TASK|TITLE|STAGE|ATTEMPT|ROUND|TOKEN|BRIEF_FILE|WORKTREE|BRANCH|BASE|SOCKET|STATE|RUN|PORT)$/;

/** Already in the room's options, maybe with a password; in the environment other processes of this user could read it. */
const TOLD_ALREADY = [
	'AGENT_ROOM_REDIS_URL',
	'AGENT_ROOM_REDIS_PASSWORD',
	'AGENT_ROOM_REDIS_SENTINEL_PASSWORD',
	'AGENT_ROOM_REDIS_CA',
	'AGENT_ROOM_REDIS_CERT',
	'AGENT_ROOM_REDIS_KEY',
	'REDISCLI_AUTH',
];

const roomEnvironment = (environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_A_PANE.test(name) && !TOLD_ALREADY.includes(name)));

/**
 * The room's V8 compile cache: code runs from it, so it must be a folder only this user can enter, unknown to agents. The CLI uses the same
 * (`bin/agent-room.js`). Undefined: no cache.
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

/** A room process that has loaded and waits for its start. */
export type WaitingRoom = {
	/**
	 * Starts the room and waits for a JSON line on fd 3: `{"ok":true}` or `{"ok":false,"code","message","hint"}`. Failure exits with 3 and
	 * the room's message, or its log's last line.
	 */
	start(options: RoomOptions): Promise<void>;
	/** Dismisses it: without a start it exits without effect, as it does when this process dies. */
	dismiss(): void;
};

/**
 * Starts a room process in its own session before its options are known: it loads, which takes longest, while this process asks git and
 * reads the configuration. Call `start` under the start lock.
 */
export const prepareRoomProcess = (
	{stateFolder, root, program: kept}: {readonly stateFolder: string; readonly root: string; readonly program: string},
	environment: Readonly<Record<string, string | undefined>>,
): WaitingRoom => {
	const program = join(kept, 'dist', 'room.js');
	if (!existsSync(program)) throw notReady('not-built', `\`${program}\` is missing.`, 'In a checkout: npm run build');
	const optionsFile = join(stateFolder, 'room.json');
	const logFile = join(stateFolder, 'room.log');
	const log = openLog(logFile);
	const child = spawn(process.execPath, [...V8_FLAGS, program, optionsFile, TOLD], {
		cwd: root,
		detached: true,
		env: {...roomEnvironment(environment), NODE_COMPILE_CACHE: compiledFolder(stateFolder, environment)},
		stdio: ['pipe', log, log, 'pipe'],
	});
	closeSync(log);
	const [told, ready] = [child.stdio[0] as Writable, child.stdio[3] as Readable];
	// If it crashed while loading, its exit is the answer.
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
