import {execFileSync, spawn} from 'node:child_process';
import {chmodSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {findOnPath} from '../../../source/os/find-program.ts';
import {isPidTaken} from '../../../source/os/process-identity.ts';
import {connectRedis} from '../../../source/redis/connection.ts';
import {addressOf} from '../../../source/redis/server/credentials.ts';
import {request} from '../../../source/socket/client.ts';
import {socketPathFor} from '../../../source/socket/path.ts';
import {createTrap, type Trap} from './trap.ts';

const package_ = join(import.meta.dirname, '..', '..', '..');
const node = join(package_, 'node_modules', '.bin', 'node');

/** The base is green where the end of no task is missing. What passed is written down, outside of the room. */
const CHECK = `set -e
: >"$STORY/testing"
while [ -e "$STORY/hold-test" ]; do sleep 0.02; done
for file in *.txt; do [ ! -e "$file" ] || tail -n 1 "$file" | grep -q '^done'; done
git rev-parse HEAD >>"$STORY/tested"
`;

/** A room that has not answered by then is asked again. */
const ANSWER_MS = 10_000;

type Seen = {readonly id: string; readonly state: string; readonly stage: string};
export type Ended = {readonly code: number | null; readonly text: string};

/** A repository with a room whose every program is preloaded. */
export type World = {
	readonly folder: string;
	readonly trap: Trap;
	/** The room's process; undefined while none runs. */
	readonly room: () => number | undefined;
	/** Starts the room and resolves once it answers, or once its process has ended. */
	readonly start: () => Promise<void>;
	/** Runs a command as a person does. */
	readonly command: (...args: readonly string[]) => Promise<Ended>;
	/** What the room shows; undefined while it answers nothing. `isFrozen`: as after a loss of Redis. */
	readonly status: () => Promise<{readonly tasks: readonly Seen[]; readonly isFrozen: boolean} | undefined>;
	/** Whether the room's journal has read this word. */
	readonly isKept: (word: string) => boolean;
	readonly set: (name: string) => void;
	readonly unset: (name: string) => void;
	/** The text of a file of the story; '' for none. */
	readonly told: (name: string) => string;
	readonly has: (name: string) => boolean;
	readonly emptyRedis: () => Promise<void>;
	readonly git: (...args: readonly string[]) => string;
	/** SIGKILL for the room alone. */
	readonly kill: () => Promise<void>;
	/** SIGKILL for everything that the world has started; resolves when all of it is gone. */
	readonly cut: () => Promise<void>;
	/** Names of the worktrees that are on the disk. */
	readonly worktrees: () => readonly string[];
	/** Locks of git that nobody holds open. */
	readonly locks: () => readonly string[];
	/** The end of what the room said, for whoever has to find out. */
	readonly account: () => string;
};

/** Asks often for what a file says, seldom for what a room has to be asked; false if it was in vain. */
export const until = async (condition: () => unknown, timeoutMs: number): Promise<boolean> => {
	for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
		const answer = condition();
		if (await answer) return true;
		await new Promise(resolve => setTimeout(resolve, answer instanceof Promise ? 30 : 5));
	}
	return false;
};

const read = (file: string): string => {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
};

/** Below a folder that the caller removes. */
export const createWorld = (given: {readonly parent: string; readonly library: string; readonly mutant?: string}): World => {
	const folder = realpathSync(given.parent);
	const at = (...names: readonly string[]): string => join(folder, ...names);
	const [repository, story, commands] = [at('p'), at('f'), at('b')];
	for (const made of [repository, story, commands, at('c'), at('t')]) mkdirSync(made, {recursive: true, mode: 0o700});
	const trap = createTrap({library: given.library, folder: story, root: folder, mutant: given.mutant ?? ''});
	const realGit = findOnPath('git', process.env.PATH ?? '') ?? 'git';
	const own = Object.entries(process.env).filter(([name]) => /^(PATH|LANG|LC_\w+|TERM|USER|LOGNAME|SHELL|NODE_COMPILE_CACHE)$/.test(name));
	const plain: NodeJS.ProcessEnv = {
		...Object.fromEntries(own),
		...{XDG_STATE_HOME: at('s'), XDG_CONFIG_HOME: at('c'), TMPDIR: at('t'), HOME: folder, STORY: story},
		...{AGENT_ROOM_TRUST: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1'},
		PATH: `${commands}:${join(package_, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
	};
	const preloaded = {...plain, ...trap.environment};
	// The room gives git and agents an environment of its own: what they need is said by the programs themselves.
	const exports = Object.entries(trap.environment)
		.map(([name, value]) => `export ${name}='${value}'\n`)
		.join('');
	const script = (name: string, text: string): void => {
		writeFileSync(join(commands, name), text);
		chmodSync(join(commands, name), 0o755);
	};
	script('git', `#!/bin/sh\n${exports}exec '${realGit}' "$@"\n`);
	script('agent', `#!/bin/sh\n${exports}exec '${join(import.meta.dirname, 'agent.sh')}'\n`);

	const files: Readonly<Record<string, string>> = {
		'README.md': 'hello\n',
		'check.sh': CHECK,
		'agent-room.yaml': `base: main
test: sh check.sh
backoff: 20ms
attempts: 9
sandbox: off
review: off
env: [STORY, ${Object.keys(trap.environment).join(', ')}]
harnesses:
  writer: {command: [${JSON.stringify(join(commands, 'agent'))}], finish: report}
team:
  - {role: developer, harness: writer, count: 2}
`,
	};
	const git = (...args: readonly string[]): string =>
		execFileSync(realGit, ['-c', 'user.name=Person', '-c', 'user.email=p@example.org', ...args], {
			...{cwd: repository, env: plain, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']},
		}).trim();
	git('init', '--quiet', '--initial-branch=main');
	for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
	git('add', '--all');
	git('commit', '--quiet', '-m', 'Begin');

	const stateFolder = (): string => {
		const states = at('s', 'agent-room');
		const name = existsSync(states) ? readdirSync(states).find(entry => entry.startsWith('p-')) : undefined;
		return join(states, name ?? 'none');
	};
	let room: number | undefined;
	let said = '';
	const launch = (args: readonly string[]): {readonly pid: number; readonly ended: Promise<Ended>} => {
		const child = spawn(node, [join(package_, 'bin', 'agent-room.js'), ...args], {
			...{cwd: repository, env: preloaded, stdio: ['ignore', 'pipe', 'pipe']},
		});
		let text = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (chunk: string) => {
				text += chunk;
			});
		return {pid: child.pid ?? 0, ended: new Promise(resolve => child.once('exit', code => resolve({code, text})))};
	};
	const ask = async (): ReturnType<World['status']> => {
		const socket = socketPathFor(stateFolder());
		if (!existsSync(socket)) return undefined;
		const asked = request(socket, {op: 'status'}).catch(() => undefined);
		// A room that stands still at a point never answers.
		const reply = await Promise.race([asked, until(() => trap.hit() > 0, ANSWER_MS).then(() => undefined)]);
		if (!reply?.ok) return undefined;
		const {tasks, control} = reply.data as {readonly tasks: readonly Seen[]; readonly control: {readonly frozen: boolean}};
		return {tasks, isFrozen: control.frozen};
	};
	/** Whatever names the world's own folder in its environment or words. */
	const ours = (): readonly number[] =>
		readdirSync('/proc')
			.map(Number)
			.filter(pid => pid > 0 && pid !== process.pid)
			.filter(pid => `${read(`/proc/${pid}/environ`)}\0${read(`/proc/${pid}/cmdline`)}`.includes(`${folder}/`) && isPidTaken(pid));

	return {
		folder,
		trap,
		room: () => room,
		start: async () => {
			const running = launch(['run', '--json']);
			room = running.pid;
			void running.ended.then(({code, text}) => {
				if (room === running.pid) room = undefined;
				said = `exit ${code} ${text.slice(-1500)}`;
			});
			await until(async () => room !== running.pid || trap.hit() > 0 || (await ask()), 30_000);
		},
		command: async (...args) => launch(args).ended,
		status: ask,
		isKept: word => {
			const kept = join(stateFolder(), 'journal');
			return existsSync(kept) && readdirSync(kept).some(name => read(join(kept, name)).includes(word));
		},
		set: name => writeFileSync(join(story, name), ''),
		unset: name => rmSync(join(story, name), {force: true}),
		told: name => read(join(story, name)),
		has: name => existsSync(join(story, name)),
		emptyRedis: async () => {
			const connection = await connectRedis(addressOf(join(stateFolder(), 'redis')));
			await connection.call('FLUSHALL');
			connection.close();
		},
		git,
		kill: async () => {
			if (room !== undefined) process.kill(room, 'SIGKILL');
			await until(() => room === undefined, 5000);
		},
		cut: async () => {
			await until(() => {
				const left = ours();
				for (const pid of left)
					try {
						process.kill(pid, 'SIGKILL');
					} catch {
						// It ended between the look and the signal.
					}
				return left.length === 0;
			}, 20_000);
			await until(() => room === undefined, 5000);
		},
		worktrees: () => {
			const all = join(stateFolder(), 'worktrees');
			return existsSync(all) ? readdirSync(all) : [];
		},
		locks: () =>
			[join(repository, '.git'), stateFolder()].flatMap(top =>
				globSync('**/*.lock', {cwd: top}).map(name => join(top, name).slice(folder.length + 1)),
			),
		account: () => `${said}\n${read(join(stateFolder(), 'room.log')).slice(-3000)}`,
	};
};
