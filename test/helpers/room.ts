import {appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {request} from '../../source/socket/client.ts';
import {socketPathFor} from '../../source/socket/path.ts';
import {runApart} from './apart.ts';
import {isRunning, temporaryFolder} from './cleanup.ts';
import {withCompiled} from './compiled.ts';
import {cleanEnvironment, type Ended, node, type Running, root, startProgram} from './program.ts';
import {commitAll, initRepository} from './repository.ts';
import {openTerminal, type TestTerminal} from './screen.ts';
import {until} from './wait.ts';

/** The program under test: the package's own, or a copy of it that the soak has changed. */
export const binFile = join(process.env.ROOM_UNDER_TEST ?? root, 'bin', 'agent-room.js');

/** Runs the real program once, `agentRoom(['add', …], {cwd, env})`, as a person types it. */
export const agentRoom = (
	args: readonly string[],
	{cwd, env, input}: {readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string},
): Promise<Ended> =>
	startProgram([node, binFile, ...args], {cwd, env: env ?? cleanEnvironment(), ...(input === undefined ? {} : {input})}).ended;

/** A repository of a story with a state folder of its own; the room and whatever it started are ended after the test. */
export type Story = {
	readonly folder: string;
	readonly repository: string;
	readonly env: NodeJS.ProcessEnv;
	run(...args: readonly string[]): Promise<Ended>;
	/** As `run`, but must exit with 0; its stdout. */
	must(...args: readonly string[]): Promise<string>;
	start(...args: readonly string[]): Running;
	/** From now on it runs this copy of the program. */
	use(copy: string): void;
	/** The room on a terminal, as `agent-room` opens it. */
	open(size?: {readonly columns: number; readonly rows: number}): TestTerminal;
	git(...args: readonly string[]): string;
	status(): Promise<StoryStatus>;
	/** One more machine: its own clone of a remote, home and state folder, with the same files for agents to watch. */
	clone(remote: string): Story;
	/** Files of the story that agents watch and write (see `fixtures/agent.sh`). */
	waitReason(task: string): void;
	letGo(task: string): void;
	readonly file: (name: string) => string;
};

export type StoryStatus = {
	readonly room: {readonly pid: number} | null;
	readonly tasks: ReadonlyArray<{
		readonly id: string;
		readonly state: string;
		readonly stage: string;
		readonly owner: string;
		readonly attempt: number;
		readonly reason: string;
		readonly candidate: string;
		readonly candidateBase: string;
		readonly failures: number;
		readonly removals: number;
	}>;
	readonly agents: ReadonlyArray<{
		readonly id: string;
		readonly status: string;
		readonly task: string;
		readonly pid: number;
		readonly paused: boolean;
	}>;
};

/** One machine of a story: a home, a state folder and a repository of its own, which `make` makes; `files` is where its agents watch and write files. */
const machineOf = (make: (repository: string, env: NodeJS.ProcessEnv) => void, files?: string): Story => {
	const folder = temporaryFolder('s');
	const repository = join(folder, 'p');
	const story = files ?? join(folder, 'f');
	for (const made of [story, join(folder, 'c'), join(folder, 't')]) mkdirSync(made, {recursive: true});
	const env = cleanEnvironment({
		XDG_STATE_HOME: join(folder, 's'),
		XDG_CONFIG_HOME: join(folder, 'c'),
		AGENT_ROOM_TRUST: '1',
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_CONFIG_NOSYSTEM: '1',
		STORY: story,
		HOME: folder,
		TMPDIR: join(folder, 't'),
		...withCompiled(folder),
	});
	make(repository, env);
	appendFileSync(join(repository, '.git', 'config'), '[user]\n\tname = Person\n\temail = p@example.org\n');
	const git = (...args: readonly string[]): string =>
		runApart('git', ['-c', 'user.name=Person', '-c', 'user.email=p@example.org', ...args], {cwd: repository, env})
			.toString()
			.trim();
	let bin = binFile;
	const run = (...args: readonly string[]): Promise<Ended> => startProgram([node, bin, ...args], {cwd: repository, env}).ended;
	const must = async (...args: readonly string[]): Promise<string> => {
		const {code, stdout, stderr} = await run(...args);
		if (code !== 0) throw new Error(`\`agent-room ${args.join(' ')}\` ended with ${code}.\n${stderr}${stdout}\n${roomLog(folder)}`);
		return stdout;
	};
	onTestFinished(() => endEverything(folder));
	return {
		folder,
		repository,
		env,
		run,
		must,
		git,
		start: (...args) => startProgram([node, bin, ...args], {cwd: repository, env}),
		use: copy => {
			bin = join(copy, 'bin', 'agent-room.js');
		},
		open: ({columns, rows} = {columns: 160, rows: 45}) => openTerminal({command: [node, bin], columns, rows, cwd: repository, env}),
		status: async () => (await told(folder)) ?? (JSON.parse(await must('status', '--json')) as StoryStatus),
		clone: remote => machineOf((clone, own) => void runApart('git', ['clone', '--quiet', remote, clone], {env: own}), story),
		waitReason: task => writeFileSync(join(story, `wait-${task}`), ''),
		letGo: task => rmSync(join(story, `wait-${task}`), {force: true}),
		file: name => join(story, name),
	};
};

/** A repository with a test command, `agent-room.yaml` as given, and one commit. The test's TMPDIR is its own, so paths stay short. */
export const createStory = (config: string, files: Readonly<Record<string, string>> = {}): Story =>
	machineOf((repository, env) => {
		mkdirSync(repository);
		initRepository(repository, env);
		// Agents of stories tell what they do, and wait, by files of the story's own folder.
		const yaml = `${config.replace(/\n*$/, '\n')}writable: [${env.STORY}]\n`;
		for (const [name, content] of Object.entries({'README.md': 'hello\n', 'agent-room.yaml': yaml, ...files}))
			writeFileSync(join(repository, name), content);
		const committing = {...env, GIT_AUTHOR_NAME: 'Person', GIT_AUTHOR_EMAIL: 'p@example.org'};
		commitAll(repository, 'Begin', {...committing, GIT_COMMITTER_NAME: 'Person', GIT_COMMITTER_EMAIL: 'p@example.org'});
	});

/** What the running room says on its socket; undefined where none runs. It is asked often: a start of Node each time would be most of a story's cost. */
const told = async (folder: string): Promise<StoryStatus | undefined> => {
	const states = join(folder, 's', 'agent-room');
	for (const name of existsSync(states) ? readdirSync(states) : []) {
		const socket = socketPathFor(join(states, name));
		const reply = existsSync(socket) ? await request(socket, {op: 'status'}).catch(() => undefined) : undefined;
		if (reply?.ok) return reply.data as StoryStatus;
	}
	return undefined;
};

/** What the room of a story wrote to its log, for the message of a failing test. */
const roomLog = (folder: string): string => {
	const states = join(folder, 's', 'agent-room');
	if (!existsSync(states)) return '';
	return readdirSync(states)
		.map(name => join(states, name, 'room.log'))
		.filter(existsSync)
		.map(file => readFileSync(file, 'utf8').slice(-4000))
		.join('\n');
};

/**
 * Ends what a story started, each process by its own pid: only processes whose environment, command line or folder names the story's own
 * temporary folder, which nothing else on the machine does.
 */
const endEverything = async (folder: string): Promise<void> => {
	const ours = (): number[] =>
		readdirSync('/proc')
			.filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
			.filter(name => {
				try {
					// A redis-server writes its title over its words and its environment.
					const words = ['environ', 'cmdline'].map(file => readFileSync(`/proc/${name}/${file}`, 'utf8'));
					return [...words, `${readlinkSync(`/proc/${name}/cwd`)}/`].some(text => text.includes(`${folder}/`));
				} catch {
					return false;
				}
			})
			.map(Number)
			.filter(isRunning);
	await until(
		() => {
			const left = ours();
			for (const pid of left) {
				try {
					process.kill(pid, 'SIGKILL');
				} catch {
					// It ended between the look and the signal.
				}
			}
			return left.length === 0;
		},
		{what: 'the end of everything that the story started'},
	);
};
