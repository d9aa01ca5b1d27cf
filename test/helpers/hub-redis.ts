import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {Redis} from 'ioredis';
import {aclLine} from '../../source/redis/commands-used.ts';
import {connectRedis, type RedisConnection} from '../../source/redis/connection.ts';
import type {Place, Placed} from './namespaces.ts';
import {makeCertificate} from './redis-fleet.ts';
import {until} from './wait.ts';

export const HUB_USER = 'room';
export const HUB_PASSWORD = 'p@ss/word';
export const JUDGE_PASSWORD = 'judge';
const WATCH_PASSWORD = 'watch';

/** How a primary fails: it is killed, or it hangs. */
export const WAYS = ['kill', 'freeze'] as const;
export type Way = (typeof WAYS)[number];

/** The Redis of a hub: TLS, an ACL user, an AOF that is on the disk before it answers. */
export type HubRedis = {
	/** PEM file of the authority behind its certificate. */
	readonly ca: string;
	/** Ports that hosts reach, and the URL to give them; `port` is where a host sees the first of them. */
	readonly ports: readonly number[];
	readonly url: (port: number) => string;
	/** What a room's environment has besides the URL, the password and the CA. */
	readonly env: Readonly<Record<string, string>>;
	/** Where the server that takes writes now listens beside the network. */
	readonly socket: () => Promise<string>;
	readonly connect: () => Promise<RedisConnection>;
	readonly kill: () => Promise<void>;
	readonly start: () => Promise<void>;
	/** With Sentinels: another server takes writes, and has a copy again, when it resolves. */
	readonly failOver: (way: Way) => Promise<void>;
	readonly close: () => Promise<void>;
};

const at = (socketPath: string): Promise<RedisConnection> => connectRedis({socketPath, password: JUDGE_PASSWORD});

/** Asks one server once, whatever it is; undefined if it does not answer, as one that hangs. */
const asks =
	(password: string) =>
	async (path: string, command: string, ...words: readonly (string | number)[]): Promise<unknown> => {
		const client = new Redis({path, password, lazyConnect: true, retryStrategy: null, connectTimeout: 500, commandTimeout: 500});
		client.on('error', () => undefined);
		try {
			return await client.call(command, ...words);
		} catch {
			return undefined;
		} finally {
			client.disconnect();
		}
	};
const ask = asks(JUDGE_PASSWORD);
const watch = asks(WATCH_PASSWORD);

type Given = {
	readonly hub: Place;
	readonly home: string;
	readonly env: NodeJS.ProcessEnv;
	readonly log: {readonly descriptor: number; readonly text: () => string};
	readonly address: string;
	readonly ports: readonly number[];
	/** A second server copies the first, and three Sentinels decide which of them takes writes: five ports. */
	readonly hasSentinels: boolean;
};

const binary = (): string => process.env.AGENT_ROOM_REDIS_SERVER ?? 'redis-server';
const flags = (settings: Readonly<Record<string, string>>): readonly string[] =>
	Object.entries(settings).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')]);

export const openHubRedis = async ({hub, home, env, log, address, ports, hasSentinels}: Given): Promise<HubRedis> => {
	const {ca, settings: tls} = makeCertificate(home, address);
	const acl = join(home, 'users.acl');
	const room = aclLine(HUB_USER, `>${HUB_PASSWORD}`, 'workflow').replace(/^ACL SETUSER /, 'user ');
	writeFileSync(acl, `user default on >${JUDGE_PASSWORD} ~* &* +@all\n${room}\n`);
	const servers = ports
		.slice(0, hasSentinels ? 2 : 1)
		.map((port, index) => ({port, folder: join(home, `r${index}`), socket: join(home, `r${index}.sock`)}));
	type Server = (typeof servers)[number];
	const [first] = servers;
	if (!first) throw new Error('no port for a Redis');
	const running = new Map<Server, Placed>();
	const start = async (server: Server, copies = 0): Promise<void> => {
		mkdirSync(server.folder, {recursive: true});
		const settings = {
			port: '0',
			'tls-port': String(server.port),
			bind: address,
			unixsocket: server.socket,
			dir: server.folder,
			aclfile: acl,
			masterauth: JUDGE_PASSWORD,
			'repl-diskless-sync-delay': '0',
			save: '""',
			appendonly: 'yes',
			appendfsync: 'always',
			...(hasSentinels ? {'min-replicas-to-write': '1', 'min-replicas-max-lag': '2'} : {}),
			...Object.fromEntries(tls),
			...(copies === 0 ? {} : {replicaof: `${address} ${copies}`}),
		};
		const args = flags(settings).map(word => (word === '""' ? '' : word));
		const started = hub.run([binary(), ...args], {env, log: log.descriptor});
		running.set(server, started);
		const answers = async (): Promise<boolean> => {
			if (started.child.exitCode !== null) throw new Error(`redis-server ended with ${started.child.exitCode}\n${log.text().slice(-2000)}`);
			return (await ask(server.socket, 'PING')) !== undefined;
		};
		await until(answers, {what: 'the Redis of the hub'});
	};
	const kill = async (server: Server): Promise<void> => {
		await running.get(server)?.kill();
	};
	const replication = async ({socket}: Server): Promise<string> => String((await ask(socket, 'INFO', 'replication')) ?? '');
	const isInStep = async (server: Server): Promise<boolean> => (await replication(server)).includes('master_link_status:up');

	await start(first);
	const sentinels: Placed[] = [];
	const watches: string[] = [];
	const [, second] = servers;
	if (second) {
		await start(second, first.port);
		await until(() => isInStep(second), {what: 'the replica of the hub'});
		for (const port of ports.slice(2)) {
			const folder = join(home, `s${port}`);
			mkdirSync(folder);
			const socket = join(home, `s${port}.sock`);
			watches.push(socket);
			const lines = [
				...[`bind ${address}`, 'port 0', `tls-port ${port}`, `unixsocket ${socket}`, `dir ${folder}`],
				...tls.map(line => line.join(' ')),
				...[`sentinel monitor shop ${address} ${first.port} 2`, 'sentinel down-after-milliseconds shop 1000'],
				...['sentinel failover-timeout shop 3000', `sentinel auth-pass shop ${JUDGE_PASSWORD}`],
				...[`requirepass ${WATCH_PASSWORD}`, `sentinel sentinel-pass ${WATCH_PASSWORD}`],
			];
			writeFileSync(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
			sentinels.push(hub.run([binary(), join(folder, 'sentinel.conf'), '--sentinel'], {env, log: log.descriptor}));
		}
	}
	/** As the Sentinels say. */
	const primary = async (): Promise<Server> => {
		if (!second) return first;
		for (const socket of watches) {
			const reply = await watch(socket, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'shop');
			const found = servers.find(({port}) => Array.isArray(reply) && Number(reply[1]) === port);
			if (found) return found;
		}
		throw new Error('no Sentinel answers');
	};
	if (second) {
		const knowsAll = async (socket: string): Promise<boolean> =>
			/slaves=1,sentinels=3/.test(String((await watch(socket, 'INFO', 'sentinel')) ?? ''));
		await until(async () => (await Promise.all(watches.map(knowsAll))).every(Boolean), {
			what: () => `the Sentinels\n${log.text().slice(-2000)}`,
		});
	}
	const failOver = async (way: Way): Promise<void> => {
		const before = await primary();
		const other = servers.find(server => server !== before);
		if (!other) throw new Error('a single Redis has nobody to take over');
		await until(() => isInStep(other), {timeoutMs: 60_000, what: 'a copy that can take over'});
		const hasMoved = async (): Promise<boolean> => (await primary().catch(() => before)) === other;
		const frozen = way === 'freeze' ? await running.get(before)?.freeze() : undefined;
		if (way === 'kill') await kill(before);
		await until(hasMoved, {timeoutMs: 60_000, what: `another primary (${way})`});
		if (way === 'kill') await start(before, other.port);
		frozen?.();
		// Sentinels take half a minute to do the same.
		if (way !== 'kill') await ask(before.socket, 'REPLICAOF', address, other.port);
		await until(async () => (await isInStep(before)) || (await isInStep(other)), {
			timeoutMs: 120_000,
			what: `a copy of the new primary (${way})`,
		});
	};
	return {
		ca,
		ports: hasSentinels ? ports.slice(2) : [first.port],
		url: port =>
			hasSentinels
				? `rediss+sentinel://${HUB_USER}@${ports
						.slice(2)
						.map(each => `${address}:${each}`)
						.join(',')}/shop`
				: `rediss://${HUB_USER}@${address}:${port}`,
		env: hasSentinels ? {AGENT_ROOM_REDIS_SENTINEL_PASSWORD: WATCH_PASSWORD} : {},
		socket: async () => (await primary()).socket,
		connect: async () => at((await primary()).socket),
		kill: () => kill(first),
		start: () => start(first),
		failOver,
		close: async () => {
			await Promise.all([...sentinels, ...running.values()].map(placed => placed.kill()));
		},
	};
};
