import {createHash, randomUUID} from 'node:crypto';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {mkdir, readdir, rm, symlink} from 'node:fs/promises';
import {dirname, join, relative} from 'node:path';
import {type Mode, stricter} from '../../core/agent/agent.ts';
import {answerSchemaFor} from '../../core/protocol/answer.ts';
import {joinRules} from '../../core/session/rules.ts';
import {readAdopted} from '../../core/task/adopted.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import {CLIS} from '../../harnesses/clis.ts';
import type {Cli, Launch, LaunchContext, Overlay} from '../../harnesses/shared/cli.ts';
import {filesMeant} from '../../harnesses/shared/logins.ts';
import {withRules} from '../../harnesses/shared/with-rules.ts';
import {firstPrompt} from '../../roles/prompts.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import {type Launched, type LaunchPaths, sessionFolder, toldFolder, type Workspace} from '../parts/attempt.ts';
import type {PlannedAgent} from '../team/team.ts';
import {attemptMark} from './environment.ts';
import {hasSession, sessionFacts, sessionPath, sessionText} from './sessions.ts';

/**
 * Makes an overlay below `folder` (absolute, the session's own). Existing links stay, since a session's folder may be made twice. The user's folder
 * stays unchanged, except that the folders of `keep` are made in it.
 */
export const makeOverlay = async (folder: string, {name, of, except, keep}: Overlay): Promise<void> => {
	const here = join(folder, name);
	await mkdir(here, {recursive: true, mode: 0o700});
	await Promise.all(keep.map(kept => mkdir(join(of, kept), {recursive: true, mode: 0o700})));
	const entries = await readdir(of).catch(() => []);
	await Promise.all(
		entries.filter(entry => !except.includes(entry)).map(entry => symlink(join(of, entry), join(here, entry)).catch(isThere)),
	);
};

const isThere = (error: NodeJS.ErrnoException): void => {
	if (error.code !== 'EEXIST') throw error;
};

export type LaunchSources = {
	readonly agent: PlannedAgent;
	readonly task: WholeTask;
	readonly token: string;
	/** Name of the attempt's files. */
	readonly name: string;
	readonly workspace: Workspace;
	/** In the folder of what it is told (`toldFolder`), where the launch writes it. */
	readonly briefFile: string;
	readonly prompt: string;
	/** Program and arguments of the configuration, placeholders filled in. */
	readonly program: readonly string[];
	/** The agent's environment without this launch. */
	readonly environment: Readonly<Record<string, string>>;
	readonly isSandboxed: boolean;
};

/**
 * Commands that read the repository, each complete. Guarantee: no rule allows a program with arguments of the agent's choice, since options of even
 * harmless ones write files or run commands (`git grep -O`, `git log --output`, `git diff --no-index`). All other git goes through the room:
 * `agent-room report diff|log|show|commit`.
 */
const LOOKING = [
	...[
		'git status',
		'git status --short',
		'git diff',
		'git diff --stat',
		'git diff HEAD',
		'git diff --cached',
		'git log',
		'git log --oneline',
	],
	...[
		'git show',
		'git show HEAD',
		'git show --stat',
		'git show --stat HEAD',
		'git ls-files',
		'git rev-parse HEAD',
		'git branch --show-current',
	],
];

/** The same against the base, if its name is a plain word for a shell. */
const againstBase = (base: string): readonly string[] =>
	/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(base)
		? [`git diff ${base}...HEAD`, `git diff --stat ${base}...HEAD`, `git log --oneline ${base}..HEAD`]
		: [];

const allowedFor = ({environment}: LaunchSources, {tests}: LaunchPaths): readonly string[] => [
	...LOOKING,
	...againstBase(environment.AGENT_ROOM_BASE ?? ''),
	...(tests === '' ? [] : [tests]),
];

/** The program with the task's model instead of its own, if its CLI takes one. */
export const withModel = (program: readonly string[], {modelFlag}: Pick<Cli, 'modelFlag'>, model: string): readonly string[] => {
	if (model === '' || modelFlag === undefined) return program;
	const isFlag = (word: string | undefined): boolean => word === modelFlag || word === '-m';
	const others = program.filter((word, at) => !isFlag(word) && !isFlag(program[at - 1]) && !word.startsWith(`${modelFlag}=`));
	return [...others, modelFlag, model];
};

/** The room's own command: it writes no file and runs nothing. */
const reportsFor = ({commandsFolder}: LaunchPaths): readonly string[] => [
	'agent-room report',
	`${join(commandsFolder, 'agent-room')} report`,
];

/** The CLI of an agent, if its harness is one that the room knows. It follows the rules file while it runs. */
export const cliOf = ({cli: name, rules}: Pick<PlannedAgent, 'cli' | 'rules'>, rulesFile: LaunchPaths['rulesFile']): Cli | undefined => {
	const cli = name === undefined ? undefined : CLIS[name];
	return cli && withRules(cli, () => joinRules(rules, rulesFile()?.clis[cli.name]));
};

/** Removes the session folders of an ended task, which nothing reads any more. Links in them lead to the user's own files and are not followed. */
export const removeSessionFolders = async (stateFolder: string, task: string, inUse: ReadonlySet<string>): Promise<void> => {
	const folder = join(stateFolder, 'sessions');
	if (!existsSync(folder)) return;
	const names = readdirSync(folder).filter(name => name.startsWith(`${task}-`) && /^[a-z]+-\d+$/.test(name.slice(task.length + 1)));
	for (const name of names) if (!inUse.has(join(folder, name))) await rm(join(folder, name), {recursive: true, force: true});
};

/** A launch's files are only in the session's folder, readable only for the user. */
const makeFolder = async (folder: string, {files, overlays = []}: Launch, further: Launch['files']): Promise<void> => {
	rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	for (const overlay of overlays) await makeOverlay(folder, overlay);
	for (const {name, text} of [...files, ...further]) {
		const file = join(folder, name);
		if (relative(folder, file).startsWith('..')) throw new Error(`a launch file is outside its session folder: ${name}`);
		mkdirSync(dirname(file), {recursive: true, mode: 0o700});
		writeFileSync(file, text, {mode: 0o600});
	}
};

/** The room's MCP server gets this where a program passes on none of its environment. */
const mcpEnvironment = (environment: Readonly<Record<string, string>>, token: string): Readonly<Record<string, string>> => {
	const [mark, value] = attemptMark(token);
	const told = Object.entries(environment).filter(([name]) => name.startsWith('AGENT_ROOM_') || name === 'PATH' || name === 'HOME');
	return {...Object.fromEntries(told), [mark]: value};
};

/** An id becomes an argument: only the characters of real ids are allowed. */
const SESSION = /^([a-z]+) ([A-Za-z0-9][A-Za-z0-9_.-]{0,199})$/;

/**
 * The session that this attempt resumes, '' for a new one: of the same program, and in exactly the worktree where it worked. In another one it would
 * miss its changes.
 */
export const resumableSession = (cli: Pick<Cli, 'name'>, {session, stage}: WholeTask, workspace: Pick<Workspace, 'fields'>): string => {
	const [, name, id = ''] = SESSION.exec(session) ?? [];
	return name === cli.name && WRITING_STAGES.includes(stage) && workspace.fields.worktree === undefined ? id : '';
};

/**
 * The user's session that a task continues in a copy, '' for none: once its work was submitted or resumed, that has it all. One
 * that is gone is left out: the work starts in a new session.
 */
export const adoptedSession = (
	cli: Cli,
	{adopts, stage, session, commit}: Pick<Task, 'adopts' | 'stage' | 'session' | 'commit'>,
	environment: Readonly<Record<string, string | undefined>>,
	stateFolder: string,
): string => {
	const adopted = readAdopted(adopts);
	const isFirst = stage === 'develop' && session === '' && commit === '';
	if (adopted?.cli !== cli.name || !isFirst) return '';
	return hasSession(cli, adopted.id, environment, stateFolder) ? adopted.id : '';
};

/** Of a copy, also when it is resumed later: what the original had used, which the totals of the copy include. */
const copiedFrom = (
	cli: Cli,
	{adopts}: Pick<Task, 'adopts'>,
	how: {
		readonly isNew: boolean;
		readonly isResumed: boolean;
		readonly environment: Readonly<Record<string, string>>;
		readonly stateFolder: string;
	},
): Pick<Launched, 'copied'> => {
	const adopted = readAdopted(adopts);
	if (adopted?.cli !== cli.name || !(how.isNew || how.isResumed)) return {};
	return {copied: {at: how.isNew ? Date.now() : 0, used: sessionFacts(cli, adopted.id, how.environment, how.stateFolder)?.used}};
};

/** A larger settings file is left out. */
const LARGEST_SETTINGS = 256 * 1024;

const settingsOf = ({userSettings = []}: Cli, environment: Readonly<Record<string, string>>): string => {
	const file = filesMeant(userSettings, environment).find(each => existsSync(each));
	try {
		return file !== undefined && statSync(file).size <= LARGEST_SETTINGS ? readFileSync(file, 'utf8') : '';
	} catch {
		return '';
	}
};

/** A headless program runs under one of the room's own, which reads its stream. */
const around = (mode: Mode, cli: Cli, command: readonly string[], {node, programFile}: LaunchPaths): readonly string[] =>
	mode === 'headless' ? [node, programFile, 'headless', cli.name, '--', ...command] : command;

/**
 * Makes the launch of an agent CLI: its session folder with its files, its command and its environment. Guarantee: nothing of the user's own
 * configuration is written; all that a session needs is in arguments, environment and that folder.
 */
export const launchCli = async (cli: Cli, sources: LaunchSources, paths: LaunchPaths): Promise<Launched> => {
	const {agent, task, token, workspace, environment} = sources;
	const folder = sessionFolder(paths.stateFolder, sources.name);
	const {mode} = agent;
	const own = {
		...environment,
		...Object.fromEntries(Object.entries(agent.environment).filter(([name]) => !name.startsWith('AGENT_ROOM_'))),
		...(agent.environment.PATH === undefined ? {} : {PATH: `${paths.commandsFolder}:${agent.environment.PATH}`}),
		AGENT_ROOM_SESSION_FOLDER: folder,
	};
	const resume = resumableSession(cli, task, workspace);
	const fork = resume === '' ? adoptedSession(cli, task, own, paths.stateFolder) : '';
	const isHeadless = mode === 'headless';
	const answerSchema = isHeadless && cli.hasAnswers ? answerSchemaFor(task.stage) : '';
	const prompt = firstPrompt({
		stage: task.stage,
		briefFile: sources.briefFile,
		isResumed: resume !== '',
		adoptedIn: fork === '' ? '' : workspace.folder,
		reason: resume === '' ? '' : task.reason,
		hasAnswer: answerSchema !== '',
		isHeadless,
	});
	const isWriting = WRITING_STAGES.includes(task.stage);
	const context: LaunchContext = {
		mode,
		permissions: isWriting ? stricter(agent.permissions, task.permissions) : agent.permissions,
		stage: task.stage,
		writes: agent.writes,
		prompt,
		newSession: randomUUID(),
		resume,
		fork,
		forkFile: fork === '' ? '' : sessionPath(cli, fork, own, {stateFolder: paths.stateFolder, isSandboxed: sources.isSandboxed}),
		forkText: fork === '' ? '' : sessionText(cli, fork, own, paths.stateFolder),
		program: isWriting ? withModel(sources.program, cli, task.model) : sources.program,
		folder,
		told: toldFolder(folder),
		worktree: workspace.folder,
		repository: paths.repository,
		gitDir: join(workspace.folder, '.git'),
		hook: [paths.node, paths.hookFile],
		mcp: [paths.node, paths.binFile, 'mcp'],
		mcpEnvironment: mcpEnvironment(own, token),
		allowed: allowedFor(sources, paths),
		reports: reportsFor(paths),
		environment: own,
		isRoot: process.getuid?.() === 0,
		sha256: text => createHash('sha256').update(text).digest('hex'),
		isSandboxed: sources.isSandboxed,
		foundSettings: (cli.settingsOfRepository ?? []).filter(path =>
			[workspace.folder, paths.repository].some(root => existsSync(join(root, path))),
		),
		answerSchema,
		userSettings: settingsOf(cli, own),
	};
	const launch = cli.launch(context);
	await makeFolder(folder, launch, [
		{name: relative(folder, sources.briefFile), text: sources.prompt},
		...(answerSchema === '' ? [] : [{name: 'answer-schema.json', text: answerSchema}]),
	]);
	return {
		cli,
		mode,
		command: around(mode, cli, launch.command, paths),
		environment: {...own, ...launch.environment},
		folder,
		prompt,
		resumed: resume,
		...copiedFrom(cli, task, {isNew: fork !== '', isResumed: resume !== '', environment: own, stateFolder: paths.stateFolder}),
	};
};
