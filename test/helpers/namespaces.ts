import {type ChildProcess, execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {until} from './wait.ts';

/** The hub's address in every network: a network is closed to all others, so it may always be the same. */
export const HUB_ADDRESS = '10.77.0.1';
/** All hosts of a network are called this. */
export const HOST_NAME = 'box';

/** A program in a hub or a host. `kill` is SIGKILL to the program itself, waited for; `freeze` is SIGSTOP, until the function that it resolves with. */
export type Placed = {readonly child: ChildProcess; readonly kill: () => Promise<void>; readonly freeze: () => Promise<() => void>};

export type Place = {
	run(command: readonly [string, ...string[]], options: {readonly env: NodeJS.ProcessEnv; readonly log: number | 'pipe'}): Placed;
};

/** A host that runs: its own network, name, processes and mounts. Its folder is seen by it, and by its programs, as `Network.seen`. */
export type NetworkHost = Place & {
	/** The link is down: nothing passes either way, nothing is closed, nobody is told. */
	cut(): void;
	heal(): void;
	/** All of its programs are killed, in one step. The host is still there for others. */
	kill(): Promise<void>;
};

export type Network = {
	readonly hub: Place;
	/** The path at which every host sees the folder that is its own. */
	readonly seen: string;
	/** Starts a host on this folder. */
	start(folder: string): Promise<NetworkHost>;
	/** Ends everything in it. Nothing is left either where its process is killed before. */
	close(): Promise<void>;
};

const AS_ROOT = process.getuid?.() === 0;
/** Who is not root becomes it in a user namespace of its own. */
const USER = AS_ROOT ? [] : ['--user', '--map-root-user'];
const ENTER_USER = AS_ROOT ? [] : ['--user', '--preserve-credentials'];
const APART = ['--net', '--uts', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * The first process of a namespace: it is up when it says so, and ends with its input, and with it everything there. Whoever has opened the
 * namespace holds the other end, so that not even a SIGKILL leaves something behind.
 */
const first = (script: string): readonly string[] => ['bash', '-c', `${script}\necho up\nwhile read -r _; do :; done`];

/** The room's folder for sockets whose paths are too long is the host's own: its names follow from paths, which all hosts share. */
const OWN_SOCKETS = 'sockets=/tmp/agent-room-$(id -u)\n[ ! -d $sockets ] || mount -t tmpfs -o mode=700 tmpfs $sockets';

const childOf = (pid: number | undefined): number =>
	pid === undefined ? 0 : Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0] ?? 0);

type Held = {readonly pid: number; readonly end: () => Promise<void>};

/** Starts the first process of a namespace; `depth` is how many processes stand before it. */
const hold = async (command: readonly string[], depth: number): Promise<Held> => {
	const [program = '', ...args] = command;
	const child = spawn(program, args, {stdio: ['pipe', 'pipe', 'pipe']});
	const ended = once(child, 'close');
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	child.stdin.on('error', () => undefined);
	const lines = createInterface(child.stdout);
	const isUp = await Promise.race([once(lines, 'line').then(() => true), ended.then(() => false)]);
	if (!isUp) throw new Error(`a namespace could not be opened: ${said.trim()}`);
	let pid = child.pid ?? 0;
	for (let at = 0; at < depth; at++) pid = childOf(pid);
	return {
		pid,
		end: async () => {
			child.stdin.end();
			await ended;
		},
	};
};

/** Runs a program in the namespaces of a process, so that it ends with them. */
const placeOf = (pid: number): Place => ({
	run(command, {env, log}) {
		const inside = ['--target', String(pid), ...ENTER_USER, '--net', '--uts', '--mount', '--pid', '--', ...command];
		const child = spawn('nsenter', inside, {env, stdio: ['ignore', log, log]});
		const ended = once(child, 'exit');
		const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
		const signal = async (name: NodeJS.Signals): Promise<void> => {
			const program = await until(() => isOver() || childOf(child.pid), {what: 'the program'});
			if (typeof program === 'number') process.kill(program, name);
		};
		const kill = async (): Promise<void> => {
			if (isOver()) return;
			await signal('SIGKILL');
			// One that was stopped has stopped who waits for it too.
			child.kill('SIGCONT');
			await ended;
		};
		const freeze = async (): Promise<() => void> => {
			await signal('SIGSTOP');
			return () => {
				child.kill('SIGCONT');
				void signal('SIGCONT');
			};
		};
		return {child, kill, freeze};
	},
});

/** Why this machine allows no namespaces (or has no `ip`), in its own words; '' where it does. */
export const whyNoNamespaces = (): string => {
	if (process.platform !== 'linux') return `namespaces are of Linux, this is ${process.platform}`;
	const tried = spawnSync('unshare', [...USER, ...APART, 'ip', 'link', 'add', 'br0', 'type', 'bridge'], {encoding: 'utf8'});
	return tried.status === 0 ? '' : (tried.error?.message ?? (tried.stderr.trim() || `unshare ended with ${tried.status}`));
};

/**
 * A network of hosts on this machine: a hub with a bridge, and hosts that know nobody but the hub and one another. No name of it stands anywhere
 * outside: its interfaces and mounts are gone with its processes. `folder` is not removed.
 */
export const openNetwork = async (folder: string): Promise<Network> => {
	const seen = join(folder, 'h');
	mkdirSync(seen, {recursive: true});
	const bridge = `set -e\nip link set lo up\nip link add br0 type bridge\nip address add ${HUB_ADDRESS}/24 dev br0\nip link set br0 up`;
	const world = await hold(['unshare', ...USER, ...APART, ...first(bridge)], 1);
	const enter = (pid: number): readonly string[] => ['--target', String(pid), ...ENTER_USER];
	const ip = (pid: number, ...args: readonly string[]): void =>
		void execFileSync('nsenter', [...enter(pid), '--net', '--', 'ip', ...args], {stdio: 'pipe'});
	let started = 0;
	const running = new Set<Held>();
	return {
		hub: placeOf(world.pid),
		seen,
		async start(own) {
			const number = ++started;
			const script = `set -e\nhostname "$1"\nmount --bind -- "$2" "$3"\nip link set lo up\n${OWN_SOCKETS}`;
			const inWorld = ['nsenter', ...enter(world.pid), '--net', '--uts', '--mount', '--pid', '--'];
			const host = await hold([...inWorld, 'unshare', ...APART, ...first(script), 'host', HOST_NAME, own, seen], 2);
			const link = `host${number}`;
			ip(world.pid, 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(host.pid));
			ip(world.pid, 'link', 'set', link, 'master', 'br0', 'up');
			ip(host.pid, 'address', 'add', `10.77.0.${number + 1}/24`, 'dev', 'eth0');
			ip(host.pid, 'link', 'set', 'eth0', 'up');
			running.add(host);
			return {
				...placeOf(host.pid),
				cut: () => ip(world.pid, 'link', 'set', link, 'down'),
				heal: () => ip(world.pid, 'link', 'set', link, 'up'),
				kill: async () => {
					// All but the first process and this one, whatever they start meanwhile.
					execFileSync('nsenter', [...enter(host.pid), '--mount', '--pid', '--', 'sh', '-c', 'kill -KILL -1 2>/dev/null || :'], {
						stdio: 'pipe',
					});
				},
			};
		},
		close: async () => {
			await Promise.all([...running].map(host => host.end()));
			await world.end();
		},
	};
};
