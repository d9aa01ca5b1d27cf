import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Mail} from '../core/coordination.ts';
import type {Departure, Report} from '../core/protocol.ts';
import type {Task, WholeTask} from '../core/task.ts';
import type {TestRun} from '../core/test-run.ts';
import type {PaneProcess} from '../pty/process.ts';
import {continueTree, endTree, stopTree} from '../pty/process-tree.ts';
import {composeBrief} from './brief.ts';
import {type Drive, newDrive} from './drive.ts';
import {agentEnvironment, attemptMark, loginsOf} from './environment.ts';
import type {HeldHook} from './held-hooks.ts';
import {cliOf, type Launched, type LaunchSurroundings, launchCli, sessionFolder, toldFolder} from './launch.ts';
import {createLiveSession, type LiveSession} from './live-session.ts';
import {type LogFile, openLog} from './log-file.ts';
import type {Pane, PaneStart} from './pane.ts';
import type {Place} from './places.ts';
import type {CheckedPlan} from './planning.ts';
import type {PlannedAgent} from './team.ts';
import {createTold, type Told} from './tell-status.ts';
import {followTranscript} from './transcript.ts';

/** What an agent reported before its process ended. */
export type Reported = Extract<Report, {kind: 'done' | 'result'}>;

/** A plan as it was written, and what the room found. */
export type PlanAnswer = {readonly text: string; readonly checked: CheckedPlan};

/** `signal` is its name, '' where the process exited by itself. */
export type Ended = {readonly exitCode: number; readonly signal: string};

/** One running attempt: a process in a pane under one lease. */
export type Attempt = {
	readonly agent: PlannedAgent;
	readonly task: WholeTask;
	readonly token: string;
	/** Moment of `performance.now()`, moved forward by what it spent paused: no step of a clock ends it. */
	startedAt: number;
	readonly place: Place;
	readonly pid: number;
	readonly logFile: string;
	isPaused: boolean;
	pausedAt: number;
	wasSeen: boolean;
	isEnding: boolean;
	reported: Reported | undefined;
	/** Why it cannot go on, as it said last; '' once it said anything else. */
	blocked: string;
	/** What it said on the way, oldest first; the last lines. */
	readonly progress: string[];
	/** The last plan that it reported, and whether it can be used. */
	plan: PlanAnswer | undefined;
	/** Of a test: commit -> its runs, as reported. */
	readonly tested: Map<string, readonly TestRun[]>;
	/** Of a test whose program tests the base besides: the last lines of the candidate's own run. */
	lastLines: readonly string[] | undefined;
	/** Of a landing: what leaves together, this task first; [] before it may. */
	cars: Departure['cars'];
	/** Why the room itself ended it, in words; '' where it ended by itself. */
	endReason: string;
	/** Resolves once, when the process has ended and its output was read to the end. */
	readonly ended: Promise<Ended>;
	/** Resolves when the room has done with it: its result or its release is written, and it is forgotten. */
	readonly over: Promise<void>;
	readonly closeOver: () => void;
	/** Stops the whole tree where it is. */
	stop(): void;
	resume(): void;
	/** Ends the whole tree of processes: asks, waits `graceMs`, then kills. */
	end(graceMs: number): Promise<void>;
	readonly process: PaneProcess;
	/** Of an agent CLI that the room knows: how it was started. */
	readonly launched: Launched | undefined;
	readonly drive: Drive;
	/** What its program does, of an agent CLI whose ways the room knows. */
	readonly session: LiveSession | undefined;
	/** Hooks of its program that wait for a person. */
	readonly heldHooks: Set<HeldHook>;
	/** What the team was told of it last. */
	readonly told: Told;
};

export type AttemptSurroundings = LaunchSurroundings & {
	readonly socketPath: string;
	readonly base: string;
	/** Further names of the environment that the configuration lets through. */
	readonly furtherEnvironment: readonly string[];
	readonly inherited: Readonly<Record<string, string | undefined>>;
};

/** A log whose attempt never begins is closed: starts that fail again and again keep no file open. */
const starting = (log: LogFile, pane: Pane, options: PaneStart): PaneProcess => {
	try {
		return pane.start(options);
	} catch (error) {
		log.end();
		throw error;
	}
};

/** What the files of an attempt are called: its token's number is its own for ever. */
export const attemptName = ({id, stage}: Pick<Task, 'id' | 'stage'>, token: string): string =>
	`${id}-${stage}-${token.split(':')[0] ?? '0'}`;

/**
 * Starts the process of a claimed task in its agent's pane. Throws `ProcessRefused` where the command cannot be started.
 * Every process of the attempt carries a mark of the token in its environment, which is how the whole tree is found again.
 */
export const startAttempt = async (
	options: {
		readonly agent: PlannedAgent;
		readonly number: number;
		readonly task: WholeTask;
		readonly token: string;
		readonly startedAt: number;
		/** What others wrote to the agent since its last brief. */
		readonly mails: readonly Mail[];
		readonly place: Place;
		readonly pane: Pane;
	},
	surroundings: AttemptSurroundings,
): Promise<Attempt> => {
	const {agent, task, token, place, pane} = options;
	const name = attemptName(task, token);
	const briefs = join(surroundings.stateFolder, 'briefs');
	const logs = join(surroundings.stateFolder, 'logs');
	for (const folder of [briefs, logs]) mkdirSync(folder, {recursive: true, mode: 0o700});
	const cli = cliOf(agent);
	const port = 20_000 + options.number * 10;
	const briefFile = cli ? join(toldFolder(sessionFolder(surroundings.stateFolder, name)), 'brief.md') : join(briefs, `${name}.md`);
	const brief = composeBrief(task, {
		template: agent.brief,
		agent: agent.id,
		role: agent.role,
		worktree: place.folder,
		branch: place.branch,
		port,
		base: surroundings.base,
		tests: surroundings.tests,
		program: join(surroundings.commandsFolder, 'agent-room'),
		harness: cli && {cli: cli.name, mode: agent.mode, permissions: agent.permissions},
		mails: options.mails,
		values: place.brief ?? {},
	});
	if (!cli) writeFileSync(briefFile, brief, {mode: 0o600});
	const logFile = join(logs, `${name}.log`);
	const marker = attemptMark(token);
	const program = place.command({briefFile, worktree: place.folder, branch: place.branch, task: task.id, agent: agent.id});
	const environment = {
		...agentEnvironment(surroundings.inherited, [...surroundings.furtherEnvironment, ...loginsOf(agent.cli)], {
			agent: agent.id,
			role: agent.role,
			task,
			token,
			briefFile,
			worktree: place.folder,
			branch: place.branch,
			base: surroundings.base,
			socket: surroundings.socketPath,
			stateFolder: surroundings.stateFolder,
			port,
			commands: surroundings.commandsFolder,
		}),
		...place.environment,
	};
	const launched = cli && (await launchCli(cli, {agent, task, token, name, place, briefFile, brief, program, environment}, surroundings));
	const log = openLog(logFile);
	const process = starting(log, pane, {
		command: launched?.command ?? program,
		cwd: place.folder,
		env: launched?.environment ?? {...environment, ...agent.environment},
		marker,
		onOutput: log.write,
		isPlain: agent.program === 'test',
		cli: cli && agent.mode,
	});
	const session = cli && createLiveSession({cli, mode: launched?.mode ?? agent.mode});
	const stopFollowing = session && followTranscript(session);
	const {promise: over, resolve: closeOver} = Promise.withResolvers<void>();
	const ended = new Promise<Ended>(resolve => {
		process.onEnd(end => {
			log.end();
			stopFollowing?.();
			resolve(end);
		});
	});
	return {
		agent,
		task,
		token,
		startedAt: options.startedAt,
		place,
		pid: process.pid,
		logFile,
		isPaused: false,
		pausedAt: 0,
		wasSeen: false,
		isEnding: false,
		reported: undefined,
		blocked: '',
		progress: [],
		plan: undefined,
		tested: new Map(),
		lastLines: undefined,
		cars: [],
		endReason: '',
		ended,
		over,
		closeOver,
		process,
		launched,
		drive: newDrive(),
		session,
		heldHooks: new Set(),
		told: createTold(),
		stop: () => {
			stopTree(process, marker);
			session?.pause();
		},
		resume: () => {
			continueTree(process, marker);
			session?.resume();
		},
		end: async graceMs => {
			const survivors = await endTree(process, marker, {graceMs});
			if (survivors.length > 0) throw new Error(`processes ${survivors.map(row => row.pid).join(', ')} of ${agent.id} could not be ended`);
		},
	};
};
