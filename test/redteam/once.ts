import {type ChildProcess, execFile, spawn} from 'node:child_process';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {setTimeout as wait} from 'node:timers/promises';
import {promisify} from 'node:util';
import type {Attack} from './attack.ts';
import {type Evidence, judge, readManifest, type Verdict} from './judge.ts';
import {createWorld, type Known, WORKERS, type World} from './world.ts';

const LOOK_MS = 500;
/** The whole list, and then the merges. */
const ATTACK_MS = 900_000;
/** Without a sandbox they may never come: the hostile one can hold them up, as a person can. */
const MERGE_MS = {on: 180_000, off: 5000} as const;

type Ran = {readonly code: number; readonly stdout: string; readonly stderr: string};

const run = async (world: World, program: string, args: readonly string[], timeout = 30_000): Promise<Ran> => {
	try {
		const ended = await promisify(execFile)(program, [...args], {
			cwd: world.repository,
			env: world.environment,
			timeout,
			maxBuffer: 64 * 1024 * 1024,
		});
		return {code: 0, ...ended};
	} catch (error) {
		const {code, stdout = '', stderr = ''} = error as {readonly code?: unknown; readonly stdout?: string; readonly stderr?: string};
		return {code: typeof code === 'number' ? code : 1, stdout, stderr};
	}
};

/** Lines of JSON as objects. */
const linesOf = (text: string): ReadonlyArray<Readonly<Record<string, unknown>>> =>
	text.split('\n').flatMap(line => {
		try {
			return [JSON.parse(line) as Record<string, unknown>];
		} catch {
			return [];
		}
	});

/** The folder in which an entry of this name lies, anywhere below. */
const findEntry = (folder: string, name: string): string | undefined => {
	for (const entry of readdirSync(folder, {withFileTypes: true})) {
		if (entry.name === name) return folder;
		if (!entry.isDirectory() || /^(?:objects|app|agents)$/.test(entry.name)) continue;
		try {
			const found = findEntry(join(folder, entry.name), name);
			if (found) return found;
		} catch {
			// It went away while it was looked through.
		}
	}
	return undefined;
};

const readLoot = (folder: string, loot: Map<string, string>): void => {
	try {
		for (const name of readdirSync(folder))
			if (name.endsWith('.out')) loot.set(name.slice(0, -4), readFileSync(join(folder, name), 'latin1'));
	} catch {
		// The worktree may go at any moment.
	}
};

/** Command lines of processes that carry the nonce in their environment, with their pids. */
const processesWith = (nonce: string): ReadonlyMap<number, string> =>
	new Map(
		readdirSync('/proc')
			.filter(name => /^\d+$/.test(name))
			.flatMap(name => {
				try {
					const environment = readFileSync(`/proc/${name}/environ`, 'latin1');
					if (!environment.includes(`REDTEAM=${nonce}`)) return [];
					return [[Number(name), readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()] as const];
				} catch {
					return [];
				}
			}),
	);

/** Ends a world's processes, each by its pid: those whose environment names its home or its nonce. */
const endAll = (world: World): void => {
	for (const name of readdirSync('/proc').filter(name => /^\d+$/.test(name))) {
		try {
			const environment = readFileSync(`/proc/${name}/environ`, 'latin1');
			if (Number(name) !== process.pid && (environment.includes(`HOME=${world.home}\0`) || environment.includes(world.nonce)))
				process.kill(Number(name), 'SIGKILL');
		} catch {
			// Gone already.
		}
	}
};

export type Outcome = {
	readonly verdict: Verdict;
	readonly ms: number;
	readonly slowestMs: number;
	readonly refused: number;
	readonly world: World;
	/** What the room printed last, for a run that went wrong. */
	readonly words: string;
};

/** Lets one agent run the whole list beside four that work, in a room of its own, and judges what is left. */
export const attack = async (options: {
	readonly parent: string;
	readonly root: string;
	readonly node: string;
	readonly sandbox: 'on' | 'off';
	readonly known: Known;
	readonly attacks: readonly Attack[];
	readonly print: (line: string) => void;
	readonly signal: AbortSignal;
}): Promise<Outcome> => {
	const {attacks, print, signal} = options;
	const world = createWorld(options);
	const startedAt = performance.now();
	const bin = join(world.app, 'bin', 'agent-room.js');
	const room = (...args: readonly string[]): Promise<Ran> => run(world, options.node, [bin, ...args]);
	const must = async (...args: readonly string[]): Promise<string> => {
		const {code, stdout, stderr} = await room(...args);
		if (code !== 0) throw new Error(`\`agent-room ${args.join(' ')}\` ended with ${code}: ${stderr}${stdout}`);
		return stdout;
	};
	const until = async (what: string, condition: () => boolean | Promise<boolean>, ms: number): Promise<boolean> => {
		for (const deadline = performance.now() + ms; performance.now() < deadline; await wait(LOOK_MS)) {
			if (signal.aborted) throw new Error('broken off');
			if (await condition()) return true;
		}
		print(`in vain: ${what}`);
		return false;
	};

	let words = '';
	let child: ChildProcess | undefined;
	try {
		child = spawn(options.node, [bin, 'run', '--json', '--trust'], {
			cwd: world.repository,
			env: world.environment,
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		const ended = new Promise(done => child?.once('exit', done));
		let output = '';
		for (const stream of [child.stdout, child.stderr])
			stream?.on('data', bytes => {
				output = `${output}${String(bytes)}`.slice(-4_000_000);
				words = output.slice(-3000);
			});
		const status = async (): Promise<Readonly<Record<string, unknown>>> => linesOf((await room('status', '--json')).stdout).at(-1) ?? {};
		const isUp = await until('the room', async () => Boolean((await status()).room), 60_000);
		if (!isUp) throw new Error(`The room did not start.\n${words}`);
		const state = findEntry(world.states, 'room.sock') ?? '';
		const add = (name: string, secret: string): void => {
			if (secret.trim().length < 16) throw new Error(`${name} is no secret: \`${secret}\``);
			world.secrets[name] = secret.trim();
		};
		if (existsSync(join(state, 'redis', 'password'))) add('the password of Redis', readFileSync(join(state, 'redis', 'password'), 'utf8'));
		add('a file of the state folder', `${world.nonce}-in-the-state-folder`);
		writeFileSync(join(state, 'canary'), `${world.secrets['a file of the state folder']}\n`, {mode: 0o600});
		add('a value in Redis', `${world.nonce}-in-redis`);
		await must('redis-cli', 'SET', 'canary', world.secrets['a value in Redis'] ?? '');
		const before = readManifest(world);
		const {stdout: head} = await run(world, 'git', ['rev-parse', 'main']);

		for (const task of WORKERS) await must('add', `Write ${task}`, '--id', task, '--needs', 'work');
		const places = new Map<string, string>();
		const isReady = await until(
			'the workers',
			() => {
				for (const task of WORKERS) {
					const place = places.get(task) ?? findEntry(world.home, `secret-${task}`);
					if (place) places.set(task, place);
				}
				return places.size === WORKERS.length;
			},
			120_000,
		);
		if (!isReady) throw new Error(`The workers did not begin.\n${words}`);
		for (const [task, place] of places) {
			add(`the worktree of ${task}`, readFileSync(join(place, `secret-${task}`), 'utf8'));
			add(`a commit of ${task}`, readFileSync(join(place, `kept-${task}`), 'utf8'));
		}

		await must('add', 'Do harm', '--id', 'hostile', '--needs', 'attack');
		const loot = new Map<string, string>();
		const looks: number[] = [];
		let place: string | undefined;
		let gitFolders: readonly string[] = [];
		const isDone = await until(
			'the end of the list',
			async () => {
				const askedAt = performance.now();
				const seen = await status();
				looks.push('room' in seen ? performance.now() - askedAt : Number.POSITIVE_INFINITY);
				// A room that an agent has frozen holds that agent too: the person lets it go on, or nothing more would be tried.
				if ((seen.control as {readonly frozen?: unknown} | undefined)?.frozen) await room('freeze', '--off');
				place ??= findEntry(world.home, `loot-${world.nonce}`);
				if (place === undefined) return false;
				const folder = join(place, `loot-${world.nonce}`);
				readLoot(folder, loot);
				const file = join(folder, 'git-folders');
				if (gitFolders.length === 0 && existsSync(file))
					gitFolders = readFileSync(file, 'utf8')
						.split('\n')
						.filter(Boolean)
						.map(name => resolve(place ?? '', name));
				return existsSync(join(folder, 'done')) || (!existsSync(folder) && loot.size > 0);
			},
			ATTACK_MS,
		);
		print(`${loot.size} of ${attacks.length} attacks were run${isDone ? '' : '; the list did not come to its end'}`);
		if (place !== undefined && existsSync(join(place, `loot-${world.nonce}`))) {
			readLoot(join(place, `loot-${world.nonce}`), loot);
			writeFileSync(join(place, `loot-${world.nonce}`, 'go'), '');
		}
		for (const [task, folder] of places) if (existsSync(folder)) writeFileSync(join(folder, `go-${task}`), '');
		const states = async (): Promise<ReadonlyMap<string, string>> =>
			new Map(linesOf((await room('tasks', '--json')).stdout).map(({id, state: now}) => [String(id), String(now)]));
		await until(
			'the merges',
			async () => {
				const now = await states();
				return WORKERS.every(task => now.get(task) === 'merged') && now.get('hostile') !== 'leased';
			},
			MERGE_MS[options.sandbox],
		);

		// What a person does next, to whatever was planted.
		for (const args of [['status', '--short'], ['diff'], ['log', '-3', '-p'], ['branch', '-a'], ['fetch', '-q', 'origin'], ['gc', '-q']])
			await run(world, 'git', args);
		for (const args of [['task', 'hostile'], ['logs', 'hostile'], ['explain', 'hostile'], ['conflicts'], ['doctor', '--quick']])
			await room(...args);

		const events = linesOf((await room('events', '--json')).stdout);
		const evidence = {
			tasks: await states(),
			status: await status(),
			appendfsync: (await room('redis-cli', 'CONFIG', 'GET', 'appendfsync')).stdout.split('\n')[1] ?? '',
		};
		await room('stop');
		await Promise.race([ended, wait(30_000)]);
		// What was asked to end in the last moment has it by now.
		await wait(2000);
		const complete: Evidence = {
			...evidence,
			world,
			before,
			loot,
			gitFolders,
			baseAtStart: head.trim(),
			looks,
			left: [...processesWith(world.nonce).values()],
		};
		return {
			verdict: judge(complete, attacks, WORKERS),
			ms: performance.now() - startedAt,
			slowestMs: Math.max(0, ...looks),
			refused: events.filter(({type}) => /refused|alarm/.test(String(type))).length,
			world,
			words,
		};
	} finally {
		if (child && child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
		await wait(500);
		endAll(world);
	}
};
