import {type ChildProcess, execFileSync} from 'node:child_process';
import {closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {RedisConnection} from '../../source/redis/connection.ts';
import {HUB_PASSWORD, JUDGE_PASSWORD, openHubRedis, type Way} from './hub-redis.ts';
import {HERE, killAllIn, startLoopbackHost} from './loopback.ts';
import {HUB_ADDRESS, type NetworkHost, openNetwork, type Place, type Placed, whyNoNamespaces} from './namespaces.ts';
import {cleanEnvironment, node, root} from './program.ts';
import {freePorts} from './redis-fleet.ts';
import {commitAll, initRepository} from './repository.ts';
import {until} from './wait.ts';

/** One machine of the team. It has a folder, its power can be cut and come back, and it is called as all others are. */
export type HostApart = {
	readonly number: number;
	/** Its clone, as the test sees it. */
	readonly clone: string;
	/** Runs the real program on it, from its clone. */
	start(...args: readonly string[]): ChildProcess;
	/** As `start`, but must exit with 0. */
	must(...args: readonly string[]): Promise<void>;
	cut(): void;
	heal(): void;
	/** Its power is cut: its programs are gone, and nobody is told. Processes of its next life are of the same boot. */
	kill(): Promise<void>;
	/** Switches it on again after a kill. */
	boot(): void;
	/** The state folder of its room, as the test sees it; '' before it has opened. */
	state(): string;
	/** The name of its room, the same in all of its lives; '' before it has opened. */
	room(): string;
	/** What its programs have printed. */
	log(): string;
	git(...args: readonly string[]): string;
};

/** Hosts, and a hub with a Redis (TLS, an ACL user, an AOF that is on the disk before it answers) and a bare remote behind `git daemon`. */
export type TeamApart = {
	/** '' for namespaces; else why the same hosts are folders of this machine, with a link each on loopback. */
	readonly why: string;
	readonly hosts: readonly HostApart[];
	/** The bare repository, and files that agents and tests of all hosts see as $STORY. */
	readonly remote: string;
	readonly files: string;
	/** Where Redis listens beside the network, for who looks on. */
	readonly redis: {readonly socket: () => Promise<string>; readonly password: string};
	connect(): Promise<RedisConnection>;
	killRedis(): Promise<void>;
	startRedis(): Promise<void>;
	/** With Sentinels: another Redis takes writes, and has a copy again, when it resolves. */
	failOver(way: Way): Promise<void>;
	/** Nobody serves the remote any more, until it comes back. */
	remoteLeaves(): Promise<void>;
	remoteComesBack(): Promise<void>;
	/** Ends everything; the folder stays. */
	close(): Promise<void>;
};

const environment = (home: string, more: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	cleanEnvironment({
		HOME: home,
		XDG_STATE_HOME: join(home, 's'),
		XDG_CONFIG_HOME: join(home, 'c'),
		TMPDIR: join(home, 't'),
		AGENT_ROOM_TRUST: '1',
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_CONFIG_NOSYSTEM: '1',
		...more,
	});

const PERSON = {
	GIT_AUTHOR_NAME: 'Person',
	GIT_AUTHOR_EMAIL: 'p@example.org',
	GIT_COMMITTER_NAME: 'Person',
	GIT_COMMITTER_EMAIL: 'p@example.org',
};

const exitOf = (child: ChildProcess): Promise<number | null> =>
	child.exitCode !== null || child.signalCode !== null
		? Promise.resolve(child.exitCode)
		: new Promise(resolve => child.once('exit', code => resolve(code)));

/** The bare remote with one commit: the configuration and what `files` names. It writes down where its base ever stood. */
const createRemote = (folder: string, env: NodeJS.ProcessEnv, files: Readonly<Record<string, string>>): string => {
	const draft = join(folder, 'draft');
	mkdirSync(draft);
	initRepository(draft, env);
	for (const [name, content] of Object.entries(files)) writeFileSync(join(draft, name), content);
	commitAll(draft, 'Begin', {...env, ...PERSON});
	const remote = join(folder, 'hub.git');
	execFileSync('git', ['clone', '--quiet', '--bare', draft, remote], {env});
	for (const [name, value] of [
		['core.logAllRefUpdates', 'true'],
		['gc.auto', '0'],
		['receive.autogc', 'false'],
	] as const)
		execFileSync('git', ['--git-dir', remote, 'config', name, value], {env});
	return remote;
};

/**
 * Opens a team of so many hosts below `folder` (a short path: sockets live below it). In namespaces all hosts have one path, one host name and one
 * user; where they are not allowed, only the last.
 */
export const openTeamApart = async (
	folder: string,
	{
		hosts: count,
		files,
		asLoopback = false,
		hasSentinels = false,
	}: {
		readonly hosts: number;
		readonly files: Readonly<Record<string, string>>;
		readonly asLoopback?: boolean;
		/** Two servers and three Sentinels instead of one Redis. */
		readonly hasSentinels?: boolean;
	},
): Promise<TeamApart> => {
	const why = asLoopback ? 'asked for' : whyNoNamespaces();
	const shared = join(folder, 'f');
	const hubHome = join(folder, 'hub');
	for (const made of [shared, hubHome, join(hubHome, 't')]) mkdirSync(made, {recursive: true});
	const hubEnv = environment(hubHome, {});
	const remote = createRemote(folder, hubEnv, files);
	const network = why === '' ? await openNetwork(folder) : undefined;
	const hub: Place = network?.hub ?? HERE;
	const address = network ? HUB_ADDRESS : '127.0.0.1';
	if (hasSentinels && !network) throw new Error(`Sentinels of a hub need namespaces: ${why}`);
	const [gitPort = 0, ...redisPorts] = network ? [9418, 6380, 6381, 26_379, 26_380, 26_381] : await freePorts(2);
	const logFile = join(folder, 'hub.log');
	const log = openSync(logFile, 'a');
	const logged = (): string => readFileSync(logFile, 'utf8');

	const daemon = join(execFileSync('git', ['--exec-path'], {encoding: 'utf8', env: hubEnv}).trim(), 'git-daemon');
	let serving: Placed | undefined;
	const remoteComesBack = async (): Promise<void> => {
		const before = logged().length;
		serving = hub.run(
			[
				daemon,
				'--verbose',
				`--listen=${address}`,
				`--port=${gitPort}`,
				'--reuseaddr',
				'--export-all',
				'--enable=receive-pack',
				`--base-path=${folder}`,
				remote,
			],
			{env: hubEnv, log},
		);
		await until(() => logged().slice(before).includes('Ready to rumble'), {what: () => `git daemon\n${logged().slice(-2000)}`});
	};

	const given = {hub, home: hubHome, env: hubEnv, address, ports: redisPorts, hasSentinels, log: {descriptor: log, text: logged}};
	const [redis] = await Promise.all([openHubRedis(given), remoteComesBack()]);

	const startHost = async (number: number): Promise<HostApart & {readonly leave: () => Promise<void>}> => {
		const own = join(folder, 'hosts', String(number));
		for (const name of ['c', 't']) mkdirSync(join(own, name), {recursive: true});
		const local = network ? undefined : await startLoopbackHost(own, [redis.ports[0] ?? 0, gitPort]);
		const home = network?.seen ?? own;
		const [redisAt = redis.ports[0] ?? 0, gitAt = gitPort] = local?.ports ?? [];
		const output = join(folder, `host-${number}.log`);
		const out = openSync(output, 'a');
		const env = environment(home, {
			STORY: shared,
			AGENT_ROOM_REDIS_URL: redis.url(redisAt),
			AGENT_ROOM_REDIS_PASSWORD: HUB_PASSWORD,
			AGENT_ROOM_REDIS_CA: redis.ca,
			...redis.env,
		});
		const host: NetworkHost = local ?? (await (network as NonNullable<typeof network>).start(own));
		const inClone = (command: readonly string[]): ChildProcess =>
			host.run(['sh', '-c', 'cd -- "$1" && shift && exec "$@"', 'in', existsSync(join(own, 'p')) ? join(home, 'p') : home, ...command], {
				env,
				log: out,
			}).child;
		const text = (): string => readFileSync(output, 'utf8');
		const states = join(own, 's', 'agent-room');
		const isIdentity = (name: string): boolean => /^room-[0-9a-f-]+$/.test(name);
		const state = (): string =>
			(existsSync(states) ? readdirSync(states) : [])
				.map(name => join(states, name))
				.find(folder => statSync(folder).isDirectory() && readdirSync(folder).some(isIdentity)) ?? '';
		const demand = async (child: ChildProcess, what: string): Promise<void> => {
			const code = await exitOf(child);
			if (code !== 0) throw new Error(`\`${what}\` on host ${number} ended with ${code}.\n${text().slice(-4000)}`);
		};
		await demand(inClone(['git', 'clone', '--quiet', `git://${address}:${gitAt}/hub.git`, 'p']), 'git clone');
		const clone = join(own, 'p');
		const git = (...args: readonly string[]): string =>
			execFileSync('git', args, {cwd: clone, env: {...env, HOME: own, TMPDIR: join(own, 't')}, encoding: 'utf8'}).trim();
		git('config', 'user.name', 'Person');
		git('config', 'user.email', 'p@example.org');
		const start = (...args: readonly string[]): ChildProcess => inClone([node, join(root, 'bin', 'agent-room.js'), ...args]);
		return {
			number,
			clone,
			start,
			must: (...args) => demand(start(...args), `agent-room ${args.join(' ')}`),
			cut: () => host.cut(),
			heal: () => host.heal(),
			kill: async () => {
				host.cut();
				await host.kill();
			},
			boot: () => host.heal(),
			state,
			room: () => {
				const folder = state();
				const file = folder === '' ? undefined : readdirSync(folder).find(isIdentity);
				return file === undefined ? '' : `room:${readFileSync(join(folder, file), 'utf8').trim()}`;
			},
			log: text,
			git,
			leave: async () => {
				await (local?.leave() ?? host.kill());
				closeSync(out);
			},
		};
	};

	const hosts = await Promise.all(Array.from({length: count}, (_, index) => startHost(index + 1)));
	return {
		why,
		hosts,
		remote,
		files: shared,
		redis: {socket: redis.socket, password: JUDGE_PASSWORD},
		connect: redis.connect,
		startRedis: redis.start,
		killRedis: redis.kill,
		failOver: redis.failOver,
		remoteComesBack,
		remoteLeaves: async () => serving?.kill(),
		close: async () => {
			await Promise.all(hosts.map(({leave}) => leave()));
			await redis.close();
			await serving?.kill();
			await network?.close();
			if (!network) await killAllIn(hubHome);
			closeSync(log);
		},
	};
};
