import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {stricter} from '../../core/agent/agent.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {TestRun} from '../../core/task/test-run-schema.ts';
import type {Mail} from '../../core/team/coordination.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {HomeFolder} from '../../harnesses/shared/home.ts';
import {ProcessRefused} from '../../os/find-program.ts';
import {continueTree, endTree, processesOf, stopTree} from '../../os/process-tree.ts';
import type {PaneProcess} from '../../pty/process.ts';
import {
	type Attempt,
	type AttemptPaths,
	type AttemptSocket,
	type Ended,
	filesFolder,
	sessionFolder,
	toldFolder,
	type Workspace,
} from '../parts/attempt.ts';
import {composeBrief} from '../prepare/brief.ts';
import {agentEnvironment, attemptMark, loginsOf, withoutLogins} from '../prepare/environment.ts';
import {adoptedSession, cliOf, launchCli} from '../prepare/launch.ts';
import {surround} from '../prepare/sandbox.ts';
import {attemptPaths, homeName, testHomeName} from '../prepare/sandbox-paths.ts';
import {sessionFile} from '../prepare/sessions.ts';
import {withFiles} from '../session/attached.ts';
import {followLogs, followTranscript} from '../session/files.ts';
import {createLiveSession} from '../session/session.ts';
import {type LogFile, openLog} from '../team/output.ts';
import type {Pane, ProgramStart} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';
import {beginning} from './beginning.ts';
import {makeTemporary} from './temporary.ts';
import {isPlainRun, startPlainRun, type TestProcess, type TestSources} from './test-run.ts';

/** Closes the log of an attempt that does not start: repeated failed starts must not leak files. */
const starting = (log: LogFile, pane: Pane, options: ProgramStart): PaneProcess => {
	try {
		return pane.start(options);
	} catch (error) {
		log.end();
		throw error;
	}
};

/** What cannot start at all, such as a sandbox that is gone, is judged by the program. */
const startingPlain = (sources: TestSources): TestProcess | undefined => {
	try {
		return startPlainRun(sources);
	} catch (error) {
		if (error instanceof ProcessRefused) return undefined;
		sources.log.end();
		throw error;
	}
};

/** Longest wait for the rest of a session's file, ms. */
const DRAIN_MS = 1000;

/** How every command of the program `test` starts, as JSON. */
const TEST_PREFIX = 'AGENT_ROOM_SANDBOX';

/** Name of an attempt's files: the number of its token is unique. */
export const attemptName = ({id, stage}: Pick<Task, 'id' | 'stage'>, token: string): string =>
	`${id}-${stage}-${token.split(':')[0] ?? '0'}`;

type Start = {
	readonly agent: PlannedAgent;
	readonly number: number;
	readonly task: WholeTask;
	readonly token: string;
	readonly startedAt: number;
	/** Mail to the agent since its last brief. */
	readonly mails: readonly Mail[];
	readonly workspace: Workspace;
	/** What of its worktree others have locked: read-only in its sandbox. */
	readonly readOnly: readonly string[];
	readonly pane: Pane;
};

/**
 * Starts the process of a claimed task in its agent's pane, with a socket of its own. Throws `ProcessRefused` if the command cannot start. Every
 * process of the attempt has a mark of the token in its environment, by which the whole tree is found again.
 */
export const startAttempt = async (start: Start, paths: AttemptPaths): Promise<Attempt> => {
	const {agent, task, token} = start;
	const speaker = {agent: agent.id, task: task.id, token, stage: task.stage};
	const socket = await paths.openSocket(attemptName(task, token), speaker);
	try {
		return await startOn(socket, start, paths);
	} catch (error) {
		await socket.close();
		throw error;
	}
};

/** The session that is adopted is copied into the private home; without a sandbox it is read where it is. */
const adoptedFiles = (
	cli: Cli | undefined,
	task: Task,
	environment: Readonly<Record<string, string | undefined>>,
	stateFolder: string,
): readonly HomeFolder[] => {
	const id = cli ? adoptedSession(cli, task, environment, stateFolder) : '';
	const file = cli && id !== '' ? sessionFile(cli, id, environment, stateFolder) : undefined;
	return file ? [file] : [];
};

const startOn = async (socket: AttemptSocket, options: Start, paths: AttemptPaths): Promise<Attempt> => {
	const {agent, task, token, workspace, pane} = options;
	const name = attemptName(task, token);
	const briefs = join(paths.stateFolder, 'briefs');
	const logs = join(paths.stateFolder, 'logs');
	const session = sessionFolder(paths.stateFolder, name);
	const cli = cliOf(agent, paths.rulesFile);
	for (const folder of [briefs, logs, ...(cli ? [session] : [])]) mkdirSync(folder, {recursive: true, mode: 0o700});
	const port = 20_000 + options.number * 10;
	const briefFile = cli ? join(toldFolder(session), 'brief.md') : join(briefs, `${name}.md`);
	const files = cli ? filesFolder(session) : join(briefs, `${name}.files`);
	const brief = composeBrief(task, {
		template: agent.prompt,
		agent: agent.id,
		role: agent.role,
		worktree: workspace.folder,
		branch: workspace.branch,
		port,
		base: paths.base,
		tests: paths.tests,
		program: join(paths.commandsFolder, 'agent-room'),
		harness: cli && {
			mode: agent.mode,
			permissions: stricter(agent.permissions, task.permissions),
			notes: cli.notes,
			commitsFreely: cli.commitsFreely,
		},
		mails: options.mails,
		values: workspace.promptValues ?? {},
	});
	const {text: prompt, copy: copyFiles} = withFiles(brief, paths.stateFolder, files);
	if (!cli) {
		writeFileSync(briefFile, prompt, {mode: 0o600});
		// A sandbox shows it from the start; a reply may bring files later.
		mkdirSync(files, {recursive: true, mode: 0o700});
		copyFiles();
	}
	const temporary = makeTemporary(paths.stateFolder, name);
	const logFile = join(logs, `${name}.log`);
	const marker = attemptMark(token);
	const program = workspace.command({briefFile, worktree: workspace.folder, branch: workspace.branch, task: task.id, agent: agent.id});
	const environment = {
		...agentEnvironment(paths.inherited, [...paths.furtherEnvironment, ...loginsOf(agent.cli)], {
			agent: agent.id,
			role: agent.role,
			task,
			token,
			briefFile,
			worktree: workspace.folder,
			branch: workspace.branch,
			base: paths.base,
			socket: socket.path,
			stateFolder: paths.stateFolder,
			port,
			commands: paths.commandsFolder,
		}),
		...workspace.environment,
		TMPDIR: temporary,
	};
	const own = agent.program === 'test' ? withoutLogins(environment, paths.furtherEnvironment) : {...environment, ...agent.environment};
	const surrounded = surround(paths.sandbox, {
		home: agent.program === 'test' ? testHomeName(agent.id) : homeName(task.id, workspace.folder),
		agent: agent.id,
		task: task.id,
		name,
		cwd: workspace.folder,
		command: agent.program === 'test' ? ['sh'] : program,
		environment: own,
		cli: agent.cli,
		copies: adoptedFiles(cli, task, {...paths.inherited, ...own}, paths.stateFolder),
		sandbox: agent.sandbox,
		network: agent.network,
		readOnly: options.readOnly,
		isAlone: agent.program === 'test',
		...attemptPaths({agent, workspace, briefFile, files, session, socket: socket.path}, paths),
	});
	const {isSandboxed} = surrounded;
	await surrounded.enter();
	const launched =
		cli &&
		(await launchCli(
			cli,
			{agent, task, token, name, workspace, briefFile, prompt, program, environment: {...surrounded.environment}, isSandboxed},
			paths,
		));
	// The launch makes its session's folder anew.
	if (launched) copyFiles();
	const log = openLog(logFile);
	const command = launched?.command ?? program;
	const start: ProgramStart = {
		// The test program talks to the room and sandboxes its own commands.
		command: agent.program ? command : [...surrounded.prefix, ...command],
		cwd: workspace.folder,
		env:
			launched?.environment ??
			(agent.program === 'test' ? {...own, [TEST_PREFIX]: JSON.stringify(surrounded.prefix)} : surrounded.environment),
		marker,
		onOutput: log.write,
		isPlain: agent.program === 'test',
		cli: cli && agent.mode,
	};
	const tested = new Map<string, readonly TestRun[]>();
	const test =
		agent.program === 'test' && (await isPlainRun(workspace.environment, workspace.folder))
			? startingPlain({pane, log, program: start, prefix: surrounded.prefix, tested})
			: undefined;
	const process = test ?? starting(log, pane, start);
	const live = cli && createLiveSession({cli, mode: launched?.mode ?? agent.mode});
	const followed =
		live && launched ? [followTranscript(live, surrounded.outside, launched.copied?.at), followLogs(live, launched.folder)] : [];
	const ended = new Promise<Ended>(resolve => {
		process.onEnd(end => {
			log.end();
			const conclude = (): void => {
				for (const stop of followed) stop();
				resolve(agent.program ? end : surrounded.ended(end));
			};
			// Its last words, and what they cost, may be in its file and not read yet.
			const drained = Promise.all(followed.map(({drain}) => drain()));
			if (followed.length > 0) void Promise.race([drained, wait(DRAIN_MS, undefined, {ref: false})]).finally(conclude);
			else conclude();
		});
	});
	return {
		...beginning(options.startedAt, workspace),
		...{agent, task, token, surrounded, temporary, files, logFile, ended, process, socket, launched, tested},
		// A test may go on in another process.
		get pid() {
			return process.pid;
		},
		session: live,
		stoppedPids: () => processesOf(process, marker).flatMap(({pid, isStopped}) => (isStopped ? [pid] : [])),
		stop: () => {
			test?.pause();
			stopTree(process, marker);
			live?.pause();
		},
		resume: () => {
			continueTree(process, marker);
			test?.resume();
			live?.resume();
		},
		end: async graceMs => {
			test?.close();
			const survivors = await endTree(process, marker, {graceMs});
			if (survivors.length > 0) throw new Error(`cannot end processes ${survivors.map(row => row.pid).join(', ')} of ${agent.id}`);
		},
	};
};

/** Pauses its processes in place. What cannot be stopped does not count as paused: the next tick retries. */
export const standStill = (attempt: Attempt): void => {
	attempt.stop();
	attempt.isPaused = true;
	attempt.pausedAt = performance.now();
};
