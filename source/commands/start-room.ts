import {spawn} from 'node:child_process';
import {closeSync, existsSync, openSync, readFileSync, renameSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable} from 'node:stream';
import type {RoomOptions} from '../room/options.ts';
import {CommandError, notReady} from './command-error.ts';
import {packageRoot} from './package-root.ts';
import {plainLine} from './plain-text.ts';

const READY_MS = 30_000;
const LARGEST_LOG = 5_000_000;

/** What belongs to the pane that a command may run in, never to a room that it starts. */
const OF_A_PANE = /^AGENT_ROOM_(?:AGENT|ROLE|TASK|TITLE|STAGE|ATTEMPT|ROUND|TOKEN|BRIEF_FILE|WORKTREE|BRANCH|BASE|SOCKET|STATE|RUN|PORT)$/;

const roomEnvironment = (environment: Readonly<Record<string, string | undefined>>): Record<string, string | undefined> =>
	Object.fromEntries(Object.entries(environment).filter(([name]) => !OF_A_PANE.test(name)));

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

/**
 * Starts the room process in a session of its own and waits until it says on fd 3 that it is ready: one JSON line, `{"ok":true}` or
 * `{"ok":false,"code","message","hint"}`. A room that cannot start is a refusal with exit 3 in its own words, or with the last line of
 * its log.
 */
export const startRoomProcess = async (options: RoomOptions, environment: Readonly<Record<string, string | undefined>>): Promise<void> => {
	const program = join(packageRoot(), 'dist', 'room.js');
	if (!existsSync(program)) throw notReady('not-built', `There is no \`${program}\`.`, 'In a checkout: npm run build');
	const optionsFile = join(options.stateFolder, 'room.json');
	writeFileSync(`${optionsFile}.${process.pid}`, JSON.stringify(options), {mode: 0o600});
	renameSync(`${optionsFile}.${process.pid}`, optionsFile);
	const logFile = join(options.stateFolder, 'room.log');
	const log = openLog(logFile);
	const child = spawn(process.execPath, [program, optionsFile], {
		cwd: options.repository,
		detached: true,
		// Beside the command line's own: the room's bundle is compiled once.
		env: {NODE_COMPILE_CACHE: join(dirname(options.stateFolder), 'compiled'), ...roomEnvironment(environment)},
		stdio: ['ignore', log, log, 'pipe'],
	});
	closeSync(log);
	const pipe = child.stdio[3] as Readable;
	const readiness = await new Promise<Readiness>(resolve => {
		const timer = setTimeout(() => resolve({ok: false, message: 'The room did not get ready within 30 seconds.'}), READY_MS);
		const settle = (answer: Readiness): void => {
			clearTimeout(timer);
			resolve(answer);
		};
		createInterface({input: pipe}).on('line', line => settle(readReadiness(line)));
		child.on('error', error => settle({ok: false, message: `The room did not start: ${error.message}.`}));
		child.on('exit', () => setImmediate(() => settle({ok: false})));
	});
	pipe.destroy();
	child.unref();
	if (readiness.ok) return;
	if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
	const message = readiness.message || `The room did not start: ${plainLine(lastLineOf(logFile))}`;
	throw new CommandError(readiness.code || 'room-failed', message, readiness.hint || `Its log: ${logFile}`, 3);
};
