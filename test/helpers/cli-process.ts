import {execFile} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {promisify} from 'node:util';
import {onTestFinished} from 'vitest';
import type {Reading} from '../../source/core/session/reading.ts';
import type {Cli, HookDecision, LaunchContext, Notice} from '../../source/harnesses/shared/cli.ts';
import {endTree} from '../../source/os/process-tree.ts';
import {type PaneProcess, startProcess} from '../../source/pty/process.ts';
import {makeOverlay} from '../../source/room/prepare/launch.ts';
import {readScreen} from '../../source/room/session/dialog.ts';
import {createHeadlessScreen, type HeadlessScreen} from '../../source/terminal/screen/screen.ts';
import {stayOutOfDevices, temporaryFolder} from './cleanup.ts';
import {launchContext} from './launch.ts';
import {createTestRepository, type TestRepository} from './repository.ts';
import {listenAsRoom} from './room-socket.ts';
import {until} from './wait.ts';

const HOOK = join(import.meta.dirname, '../../dist/hook.js');

/** A real CLI in a pseudo terminal, as the room starts it: its own data launches it, reads its hooks, its titles and its screen. */
export type CliProcess = {
	readonly screen: HeadlessScreen;
	readonly process: PaneProcess;
	/** The first reading from now on for which this holds; it was one of its hooks, titles or looks at its screen. */
	sees(what: string, holds: (reading: Reading) => boolean, timeoutMs?: number): Promise<Reading>;
	/** What its screen says now. */
	shown(): Reading | undefined;
	type(bytes: string): void;
	end(): Promise<void>;
};

export type CliBench = {
	readonly repository: TestRepository;
	readonly worktree: string;
	/** The session's folder. */
	readonly folder: string;
	/** Events of hooks that arrived, with how long after the start, ms. */
	readonly hooks: ReadonlyArray<{readonly event: string; readonly payload: unknown; readonly at: number}>;
	/** Path of a socket that answers as the room does. */
	readonly socket: string;
	/** What the next hook of this event is answered with; it waits while the promise does. */
	decide(event: string, decision: HookDecision | Promise<HookDecision>): void;
	context(overrides?: Partial<LaunchContext>): LaunchContext;
	start(overrides?: Partial<LaunchContext>): CliProcess;
	/** Headless, to its end: what its lines said, how it ended. */
	run(
		overrides?: Partial<LaunchContext>,
		timeoutMs?: number,
	): Promise<{readonly readings: readonly Reading[]; readonly text: string; readonly code: number}>;
};

/** A worktree of a repository, a room's socket, and a CLI to be started there with this environment. */
export const createCliBench = async (
	cli: Cli,
	{
		program,
		environment,
		hasOddNames = false,
	}: {
		readonly program: readonly string[];
		readonly environment: Readonly<Record<string, string>>;
		/** Folders with quotes, spaces and a dollar in their names: whatever stands in a path, it stays one path. */
		readonly hasOddNames?: boolean;
	},
): Promise<CliBench> => {
	stayOutOfDevices();
	const repository = createTestRepository();
	const folder = join(temporaryFolder('session'), hasOddNames ? 's "x"' : 's');
	const worktree = join(temporaryFolder('tree'), hasOddNames ? `w'o "r" $k` : 'w');
	// As an attempt is: a repository of its own, with a `.git` of its own.
	repository.git(['clone', '--quiet', '--no-hardlinks', repository.root, worktree]);
	repository.git(['switch', '--quiet', '--create', 'agent/one'], worktree);
	const hooks: Array<{event: string; payload: unknown; at: number}> = [];
	const decisions = new Map<string, HookDecision | Promise<HookDecision>>();
	const listeners = new Set<(reading: Reading) => void>();
	const tell = (readings: readonly Reading[]): void => {
		for (const reading of readings) for (const listener of [...listeners]) listener(reading);
	};
	const room = await listenAsRoom((request, reply) => {
		const {event, payload} = 'event' in request ? request : {event: '', payload: ''};
		const given: unknown = payload === '' ? {} : JSON.parse(String(payload));
		hooks.push({event: String(event), payload: given, at: performance.now()});
		tell(cli.readHook(String(event), given));
		const decision = decisions.get(String(event)) ?? {kind: 'none'};
		decisions.delete(String(event));
		void Promise.resolve(decision).then(made => {
			reply({ok: true, code: 'ok', data: {output: cli.replyHook(String(event), made, given)}});
		});
		return undefined;
	});
	const marker = ['AGENT_ROOM_RUN', `test-${process.pid}-${Math.random().toString(36).slice(2)}`] as const;
	const env = {
		PATH: process.env.PATH ?? '',
		HOME: temporaryFolder('home'),
		LANG: 'C.UTF-8',
		SHELL: '/bin/sh',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_AUTHOR_NAME: 'Agent',
		GIT_AUTHOR_EMAIL: 'agent@example.org',
		GIT_COMMITTER_NAME: 'Agent',
		GIT_COMMITTER_EMAIL: 'agent@example.org',
		AGENT_ROOM_AGENT: 'agent:dev:001',
		AGENT_ROOM_TASK: 'one',
		AGENT_ROOM_TOKEN: '1:secret',
		AGENT_ROOM_SOCKET: room.path,
		...environment,
	};
	const context = (overrides: Partial<LaunchContext> = {}): LaunchContext =>
		launchContext({
			prompt: 'Begin.',
			newSession: crypto.randomUUID(),
			program,
			folder,
			worktree,
			repository: repository.root,
			gitDir: join(worktree, '.git'),
			hook: [process.execPath, HOOK],
			mcp: [],
			mcpEnvironment: {},
			reports: [],
			environment: env,
			isRoot: process.getuid?.() === 0,
			told: join(folder, 'told'),
			...overrides,
		});
	mkdirSync(context().told, {recursive: true});
	for (const overlay of cli.launch(context()).overlays ?? []) await makeOverlay(folder, overlay);
	const launch = (overrides: Partial<LaunchContext>) => {
		const given = context(overrides);
		const launched = cli.launch(given);
		const schema = given.answerSchema === '' ? [] : [{name: 'answer-schema.json', text: given.answerSchema}];
		for (const {name, text} of [...launched.files, ...schema]) {
			mkdirSync(dirname(join(folder, name)), {recursive: true});
			writeFileSync(join(folder, name), text);
		}
		return {command: launched.command, env: {...env, ...launched.environment, [marker[0]]: marker[1]}};
	};

	return {
		repository,
		worktree,
		folder,
		hooks,
		socket: room.path,
		decide: (event, decision) => void decisions.set(event, decision),
		context,
		start: (overrides = {}) => {
			const {command, env: own} = launch(overrides);
			const pane = startProcess({command, cwd: worktree, env: own, columns: 120, rows: 40, marker});
			const screen = createHeadlessScreen({
				columns: 120,
				rows: 40,
				scrollback: 500,
				onReply: bytes => void pane.write(bytes),
				onNotice: (notice: Notice) => {
					const reading = cli.readNotice(notice);
					if (reading) tell([reading]);
				},
			});
			pane.onData(bytes => screen.write(bytes));
			const ended = new Promise<void>(resolve => pane.onEnd(() => resolve()));
			const end = async (): Promise<void> => {
				await endTree({pid: pane.pid, startTime: pane.startTime}, marker, {graceMs: 0});
				await ended;
			};
			onTestFinished(end);
			return {
				screen,
				process: pane,
				type: bytes => void pane.write(bytes),
				shown: () => readScreen(cli, screen),
				end,
				sees: (what, holds, timeoutMs = 15_000) => {
					let found: Reading | undefined;
					const listener = (reading: Reading): void => {
						if (!found && holds(reading)) found = reading;
					};
					listeners.add(listener);
					return until(
						() => {
							const reading = readScreen(cli, screen);
							if (reading) listener(reading);
							return found;
						},
						{timeoutMs, what: () => `${what}; it shows:\n${screen.tail(40).join('\n')}`},
					).finally(() => listeners.delete(listener));
				},
			};
		},
		run: async (overrides = {}, timeoutMs = 30_000) => {
			const {command, env: own} = launch({mode: 'headless', ...overrides});
			const [file = '', ...args] = command;
			const child = promisify(execFile)(file, args, {cwd: worktree, env: own, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024});
			child.child.stdin?.end();
			const {stdout, code} = await child.then(
				({stdout: text}) => ({stdout: text, code: 0}),
				(error: {stdout: string; code: number}) => ({stdout: error.stdout, code: error.code}),
			);
			const lines = stdout.split('\n').map(line => cli.readLine(line));
			return {
				readings: lines.flatMap(({readings}) => readings),
				text: lines
					.map(({text}) => text)
					.filter(text => text !== '')
					.join('\n'),
				code,
			};
		},
	};
};
