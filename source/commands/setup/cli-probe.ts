import {createHash, randomUUID} from 'node:crypto';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type Server} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import type {Cli, LaunchContext} from '../../harnesses/shared/cli.ts';
import {filesMeant} from '../../harnesses/shared/logins.ts';
import type {Probe} from '../../harnesses/shared/probe.ts';
import {endTree} from '../../os/process-tree.ts';
import {type PaneProcess, startProcess} from '../../pty/process.ts';
import {makeOverlay} from '../../room/prepare/launch.ts';
import {createHeadlessScreen} from '../../terminal/screen/screen.ts';
import {packageRoot} from '../parse/command.ts';
import {insideScratch} from './inside.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The first hook and its time after start, ms; or why none came. */
export type ProbeEnd = {readonly event: string; readonly ms: number} | {readonly reason: string};

type ProbeSteps = {
	readonly cli: Cli;
	readonly probe: Probe;
	readonly program: readonly string[];
	readonly hook: readonly string[];
	readonly environment: Environment;
	/** Replaces the ten seconds, for tests. */
	readonly patienceMs?: number;
};

/** Arrives like a hook, but is none. */
const STATUS_LINE = 'StatusLine';

const SIZE = {columns: 120, rows: 40};
/** A CLI that ran or idled this long without a hook has no working ones, ms; some start this slowly. */
const PATIENCE_MS = 10_000;
const LONGEST_MS = 45_000;
/** A hook started before the exit may still arrive, ms. */
const AFTER_END_MS = 500;
const ORDINARY = ['PATH', 'LANG', 'LC_ALL', 'TERM', 'SHELL', 'USER', 'LOGNAME', 'NODE_EXTRA_CA_CERTS'];

/** A room that never answers the first hook: the program waits for it, and so sends nothing until it is ended. */
const listen = async (path: string, onEvent: (event: string) => void): Promise<Server> => {
	const server = createServer(socket => {
		let received = '';
		socket.setEncoding('utf8').on('error', () => {});
		socket.on('data', (text: string) => {
			received = (received + text).slice(0, 1_000_000);
			const event = /"event":"([A-Za-z_.]{1,60})"/.exec(received)?.[1];
			if (event && event !== STATUS_LINE) onEvent(event);
		});
	});
	await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve));
	return server;
};

const makeHome = (home: string, {shown, files}: Probe, environment: Environment): void => {
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(home, name)), {recursive: true});
		writeFileSync(join(home, name), text, {mode: 0o600});
	}
	for (const {name, files: theirs} of shown) {
		mkdirSync(dirname(join(home, name)), {recursive: true});
		const file = filesMeant(theirs, environment).find(each => existsSync(each));
		// A copy, not a link: Codex writes through links.
		if (file) writeFileSync(join(home, name), readFileSync(file), {mode: 0o600});
	}
};

const contextIn = (scratch: string, program: readonly string[], hook: readonly string[], env: Record<string, string>): LaunchContext => ({
	mode: 'interactive',
	permissions: 'ask',
	stage: 'review',
	writes: false,
	prompt: 'Answer with the word ok.',
	newSession: randomUUID(),
	resume: '',
	fork: '',
	forkFile: '',
	forkText: '',
	program,
	folder: join(scratch, 'session'),
	worktree: join(scratch, 'work'),
	repository: join(scratch, 'work'),
	gitDir: join(scratch, 'work', '.git'),
	hook,
	mcp: [process.execPath, join(packageRoot(), 'bin', 'agent-room.js'), 'mcp'],
	mcpEnvironment: Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AGENT_ROOM_') || name === 'PATH')),
	allowed: [],
	reports: [],
	isSandboxed: false,
	environment: env,
	isRoot: process.getuid?.() === 0,
	sha256: text => createHash('sha256').update(text).digest('hex'),
	answerSchema: '',
	told: join(scratch, 'session', 'told'),
});

/** The program's environment: basics and the scratch home, none of the user's logins. */
const environmentIn = (scratch: string, probe: Probe, environment: Environment): Record<string, string> => {
	const home = join(scratch, 'home');
	return {
		...Object.fromEntries(ORDINARY.flatMap(name => (environment[name] === undefined ? [] : [[name, environment[name]]]))),
		HOME: home,
		...Object.fromEntries(Object.entries(probe.environment).map(([name, value]) => [name, value.replaceAll('{home}', home)])),
		AGENT_ROOM_AGENT: 'doctor',
		AGENT_ROOM_TASK: 'doctor',
		AGENT_ROOM_TOKEN: randomUUID(),
		AGENT_ROOM_SOCKET: join(scratch, 's'),
	};
};

/** The problem, as far as its screen shows. */
const reasonOn = (cli: Cli, rows: readonly string[], otherwise: string): string => {
	const reading = cli.readScreen(rows);
	if (reading?.question) return `it needs input: ${reading.question.text}`;
	if (reading?.reason) return reading.reason;
	const last = rows.findLast(row => row.trim() !== '')?.trim();
	return last ? `${otherwise}; it shows: ${last.slice(0, 160)}` : otherwise;
};

/** Creates the scratch home and session; returns the command and environment. */
const prepare = async (scratch: string, {cli, probe, program, hook, environment}: ProbeSteps) => {
	for (const name of ['home', 'work', 'session', 'session/told']) mkdirSync(join(scratch, name), {mode: 0o700});
	makeHome(join(scratch, 'home'), probe, environment);
	const env = environmentIn(scratch, probe, environment);
	const context = contextIn(scratch, [...program, ...probe.arguments], hook, env);
	const launch = cli.launch(context);
	for (const overlay of launch.overlays ?? []) await makeOverlay(context.folder, overlay);
	for (const {name, text} of launch.files) {
		mkdirSync(dirname(join(context.folder, name)), {recursive: true, mode: 0o700});
		writeFileSync(join(context.folder, name), text, {mode: 0o600});
	}
	return {command: launch.command, cwd: context.worktree, env: {...env, ...launch.environment}};
};

/** Starts it in a terminal, waits for its first hook or exit, and ends all its processes. */
const travel = async (scratch: string, journey: ProbeSteps): Promise<ProbeEnd> => {
	const {cli, patienceMs = PATIENCE_MS} = journey;
	const prepared = await prepare(scratch, journey);
	const marker = ['AGENT_ROOM_RUN', randomUUID()] as const;
	let end: (found: ProbeEnd) => void = () => {};
	const found = new Promise<ProbeEnd>(resolve => (end = resolve));
	const startedAt = performance.now();
	const server = await listen(join(scratch, 's'), event => end({event, ms: Math.round(performance.now() - startedAt)}));
	const screen = createHeadlessScreen({...SIZE, scrollback: 100, onReply: bytes => void pane?.write(bytes)});
	const rows = (): string[] => Array.from({length: SIZE.rows}, (_, row) => screen.textOf(row));
	const fail = (why: string): void => end({reason: reasonOn(cli, rows(), why)});
	let patience: NodeJS.Timeout | undefined;
	const longest = setTimeout(() => fail(`no hook came within ${LONGEST_MS / 1000} s`), LONGEST_MS);
	let pane: PaneProcess | undefined;
	try {
		const surrounded = await insideScratch(scratch, {command: prepared.command, cwd: prepared.cwd, environment: prepared.env});
		const command = [...surrounded.prefix, ...prepared.command];
		pane = startProcess({...SIZE, command, cwd: prepared.cwd, env: surrounded.environment, marker});
		pane.onData(bytes => {
			screen.write(bytes);
			if (patience || !['working', 'idle'].includes(cli.readScreen(rows())?.state ?? '')) return;
			patience = setTimeout(() => fail(`no hook came within ${patienceMs / 1000} s`), patienceMs);
		});
		pane.onEnd(({exitCode}) => setTimeout(() => fail(`it exited with ${exitCode}`), AFTER_END_MS).unref());
		return await found;
	} finally {
		clearTimeout(longest);
		clearTimeout(patience);
		if (pane) await endTree({pid: pane.pid, startTime: pane.startTime}, marker, {graceMs: 0});
		server.close();
		screen.dispose();
	}
};

/**
 * A live test: starts a CLI like the room and waits for its first hook, at most 45 s. Guarantee: writes nothing of the user's, uses no
 * login, sends nothing: it has a scratch home, a service that refuses, and blocks in that hook until it is ended with all its processes.
 */
export const liveProbe = async (journey: Omit<ProbeSteps, 'probe'>): Promise<ProbeEnd> => {
	const probe = journey.cli.probe;
	if (!probe) return {reason: 'no test is known for it'};
	const scratch = mkdtempSync(join(tmpdir(), 'agent-room-doctor-'));
	try {
		return await travel(scratch, {...journey, probe});
	} catch (error) {
		return {reason: error instanceof Error ? error.message : String(error)};
	} finally {
		rmSync(scratch, {recursive: true, force: true, maxRetries: 5, retryDelay: 50});
	}
};
