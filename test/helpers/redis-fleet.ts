import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {type AddressInfo, createServer} from 'node:net';
import {join} from 'node:path';
import {Redis, type RedisOptions} from 'ioredis';
import {until} from './wait.ts';

/** Where servers live, and who ends them: a test (`fleet-of-test`), or a program. */
export type Scope = {readonly folder: (name: string) => string; readonly onEnd: (end: () => Promise<void>) => void};

/** A server on a port of loopback. */
export type Member = {
	readonly port: number;
	/** Asks it something, on a connection that the test closes. */
	readonly ask: (command: string, ...args: readonly (string | number)[]) => Promise<unknown>;
	/** SIGKILL, waited for. */
	readonly kill: () => Promise<void>;
	/** The same again, with what it has on disk. */
	readonly restart: () => Promise<void>;
	/** It answers nothing any more, and closes nothing; it goes on with the second. */
	readonly freeze: () => void;
	readonly unfreeze: () => void;
};

/** Ports of loopback that nobody listens on at the moment. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
	const servers = Array.from({length: count}, () => createServer());
	const ports = servers.map(
		server => new Promise<number>(resolve => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))),
	);
	const free = await Promise.all(ports);
	await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
	return free;
};

type Started = {
	readonly port: number;
	readonly folder: string;
	readonly settings: readonly string[];
	readonly asking?: RedisOptions;
	readonly binary?: string;
};

const serverOfTests = (): string => process.env.AGENT_ROOM_REDIS_SERVER ?? 'redis-server';

const start = async (scope: Scope, {port, folder, settings, asking = {}, binary = serverOfTests()}: Started): Promise<Member> => {
	mkdirSync(folder, {recursive: true});
	let child: ChildProcess | undefined;
	const client = new Redis({...asking, port, host: '127.0.0.1', lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: () => 50});
	client.on('error', () => undefined);
	const kill = async (): Promise<void> => {
		const server = child;
		if (!server || server.exitCode !== null || server.signalCode !== null) return;
		const ended = new Promise(resolve => server.once('exit', resolve));
		server.kill('SIGKILL');
		await ended;
	};
	const restart = async (): Promise<void> => {
		const started = spawn(binary, [...settings], {cwd: folder, stdio: 'ignore'});
		child = started;
		await until(
			() => {
				if (started.exitCode !== null) throw new Error(`${binary} ended with ${started.exitCode}`);
				return client.ping().catch(() => undefined);
			},
			{what: `an answer on port ${port}`},
		);
	};
	scope.onEnd(async () => {
		client.disconnect();
		await kill();
	});
	await restart();
	return {
		port,
		ask: (command, ...args) => client.call(command, ...args),
		kill,
		restart,
		freeze: () => void child?.kill('SIGSTOP'),
		unfreeze: () => void child?.kill('SIGCONT'),
	};
};

/** The password of every server of a fleet, and of its Sentinels another. */
export const FLEET_PASSWORD = 'p@ss/word';
export const SENTINEL_PASSWORD = 'watch';

const LOCKED = ['--requirepass', FLEET_PASSWORD, '--masterauth', FLEET_PASSWORD];
const ON_DISK = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes'];

/** A server as others run it: on a port, with an AOF unless `settings` say otherwise. */
export const startMember = async (scope: Scope, settings: readonly string[] = [], binary = serverOfTests()): Promise<Member> => {
	const [port = 0] = await freePorts(1);
	return start(scope, {binary, port, folder: scope.folder('m'), settings: ['--port', String(port), ...ON_DISK, ...settings]});
};

/** A certificate for one address and no other, below `folder`, and what servers are told of it; `ca` is the PEM file of the authority that signed it. */
export const makeCertificate = (
	folder: string,
	address = '127.0.0.1',
): {
	readonly ca: string;
	/** A certificate of the same authority for a client, and its key. */
	readonly client: () => {readonly cert: string; readonly key: string};
	readonly settings: readonly (readonly [string, string])[];
} => {
	const openssl = (...args: readonly string[]): void => void execFileSync('openssl', args, {cwd: folder, stdio: 'pipe'});
	const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Room tests', '-days', '2');
	openssl('req', ...key, '-keyout', 'redis.key', '-out', 'redis.csr', '-subj', '/CN=redis');
	writeFileSync(join(folder, 'names'), `subjectAltName=IP:${address}\n`);
	openssl(
		...['x509', '-req', '-in', 'redis.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'],
		...['-out', 'redis.crt', '-extfile', 'names'],
	);
	const file = (name: string): string => join(folder, name);
	return {
		ca: file('ca.crt'),
		client: () => {
			openssl('req', ...key, '-keyout', 'client.key', '-out', 'client.csr', '-subj', '/CN=room');
			openssl(
				'x509',
				'-req',
				'-in',
				'client.csr',
				'-CA',
				'ca.crt',
				'-CAkey',
				'ca.key',
				'-CAcreateserial',
				'-days',
				'2',
				'-out',
				'client.crt',
			);
			return {cert: file('client.crt'), key: file('client.key')};
		},
		settings: [
			['tls-cert-file', file('redis.crt')],
			['tls-key-file', file('redis.key')],
			['tls-ca-cert-file', file('ca.crt')],
			['tls-auth-clients', 'no'],
			['tls-replication', 'yes'],
		],
	};
};

const BY_TLS = {tls: {rejectUnauthorized: false}};

/** A server that speaks TLS alone; `ca` is the PEM file of the authority that signed its certificate. */
export const startTlsMember = async (
	scope: Scope,
	settings: readonly string[] = [],
): Promise<Member & {readonly ca: string; readonly client: {readonly cert: string; readonly key: string}}> => {
	const folder = scope.folder('tls');
	const {ca, client, settings: files} = makeCertificate(folder);
	const own = client();
	const [port = 0] = await freePorts(1);
	const tls = ['--port', '0', '--tls-port', String(port), ...files.flatMap(([name, value]) => [`--${name}`, value])];
	const asking = {tls: {...BY_TLS.tls, cert: readFileSync(own.cert), key: readFileSync(own.key)}};
	return {...(await start(scope, {port, folder, asking, settings: [...tls, ...ON_DISK, ...settings]})), ca, client: own};
};

export type Fleet = {
	/** For `--redis`. */
	readonly url: string;
	/** PEM file of the authority behind their certificates, where they speak TLS. */
	readonly ca?: string;
	/** One of them takes the writes, the other copies it. */
	readonly pair: readonly [Member, Member];
	/** The one that takes writes now, as those say who decide it. */
	readonly primary: () => Promise<Member>;
	/** The other takes over in order. */
	readonly failOver: () => Promise<void>;
};

/** Whether a server copies another and has all that it had when the copy began. */
export const isInStep = async (member: Member): Promise<boolean> =>
	String(await member.ask('INFO', 'replication').catch(() => '')).includes('master_link_status:up');

const memberAt = (members: readonly Member[], port: number): Member => {
	const member = members.find(candidate => candidate.port === port);
	if (!member) throw new Error(`Nobody of the fleet is on port ${port}.`);
	return member;
};

/** A primary and a replica, and three Sentinels that call them `shop` and fail over after half a second; all of them speak TLS alone. */
export const startSentinelFleet = async (scope: Scope): Promise<Fleet> => {
	const folder = scope.folder('s');
	const {ca, settings: files} = makeCertificate(folder);
	const tls = files.flatMap(([name, value]) => [`--${name}`, value]);
	const [first = 0, second = 0, ...sentinelPorts] = await freePorts(5);
	const server = (port: number, further: readonly string[]): Promise<Member> =>
		start(scope, {
			port,
			folder: join(folder, String(port)),
			settings: ['--port', '0', '--tls-port', String(port), ...tls, ...ON_DISK, ...LOCKED, '--repl-diskless-sync-delay', '0', ...further],
			asking: {...BY_TLS, password: FLEET_PASSWORD},
		});
	const pair = [await server(first, []), await server(second, ['--replicaof', '127.0.0.1', String(first)])] as const;
	await until(() => isInStep(pair[1]), {what: 'the replica'});
	const sentinels = await Promise.all(
		sentinelPorts.map(port => {
			const home = join(folder, String(port));
			mkdirSync(home);
			const lines = [
				...[
					'bind 127.0.0.1',
					'port 0',
					`tls-port ${port}`,
					...files.map(line => line.join(' ')),
					`sentinel monitor shop 127.0.0.1 ${first} 2`,
				],
				...['sentinel down-after-milliseconds shop 500', 'sentinel failover-timeout shop 2000'],
				...[`sentinel auth-pass shop ${FLEET_PASSWORD}`, `requirepass ${SENTINEL_PASSWORD}`, `sentinel sentinel-pass ${SENTINEL_PASSWORD}`],
			];
			writeFileSync(join(home, 'sentinel.conf'), `${lines.join('\n')}\n`);
			return start(scope, {
				port,
				folder: home,
				settings: ['sentinel.conf', '--sentinel'],
				asking: {...BY_TLS, password: SENTINEL_PASSWORD},
			});
		}),
	);
	const knowsAll = async (sentinel: Member): Promise<boolean> =>
		/slaves=1,sentinels=3/.test(String(await sentinel.ask('INFO', 'sentinel')));
	await until(async () => (await Promise.all(sentinels.map(knowsAll))).every(Boolean), {what: 'the Sentinels to know each other'});
	return {
		ca,
		url: `rediss+sentinel://${sentinelPorts.map(port => `127.0.0.1:${port}`).join(',')}/shop`,
		pair,
		primary: async () => {
			const reply = await sentinels[0]?.ask('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'shop');
			return memberAt(pair, Number(Array.isArray(reply) ? reply[1] : 0));
		},
		failOver: async () => {
			await until(() => sentinels[0]?.ask('SENTINEL', 'FAILOVER', 'shop').catch(() => undefined), {what: 'the Sentinels to agree'});
		},
	};
};

const SLOTS = 16_384;

/** Three primaries of a Cluster, and a replica of the one that serves `tag`. */
export const startClusterFleet = async (scope: Scope, tag: string): Promise<Fleet> => {
	const folder = scope.folder('c');
	const ports = await freePorts(8);
	const members = await Promise.all(
		ports.slice(0, 4).map((port, at) => {
			const own = ['--cluster-enabled', 'yes', '--cluster-port', String(ports[at + 4]), '--cluster-node-timeout', '700'];
			const fast = ['--repl-diskless-sync-delay', '0', '--cluster-replica-validity-factor', '0', ...LOCKED];
			return start(scope, {
				port,
				folder: join(folder, String(port)),
				settings: ['--port', String(port), ...ON_DISK, ...own, ...fast],
				asking: {password: FLEET_PASSWORD},
			});
		}),
	);
	const [one, two, three, replica] = members as [Member, Member, Member, Member];
	const share = Math.ceil(SLOTS / 3);
	await Promise.all(
		[one, two, three].map((member, at) => member.ask('CLUSTER', 'ADDSLOTSRANGE', at * share, Math.min(SLOTS, (at + 1) * share) - 1)),
	);
	await Promise.all(members.map((member, at) => member.ask('CLUSTER', 'SET-CONFIG-EPOCH', at + 1)));
	for (const [at, {port}] of members.entries()) if (at > 0) await one.ask('CLUSTER', 'MEET', '127.0.0.1', port, Number(ports[at + 4]));
	const isWhole = async (member: Member): Promise<boolean> =>
		/cluster_state:ok(?:.|\s)*cluster_known_nodes:4/.test(String(await member.ask('CLUSTER', 'INFO')));
	await until(async () => (await Promise.all([one, two, three].map(isWhole))).every(Boolean), {what: 'the Cluster'});
	const slot = Number(await one.ask('CLUSTER', 'KEYSLOT', tag));
	const owner = [one, two, three][Math.floor(slot / share)] ?? one;
	const id = String(await owner.ask('CLUSTER', 'MYID'));
	await until(() => replica.ask('CLUSTER', 'REPLICATE', id).catch(() => undefined), {what: 'the replica to know its primary'});
	await until(() => isInStep(replica), {what: 'the replica'});
	const others = [one, two, three].filter(member => member !== owner);
	const primary = async (): Promise<Member> => {
		const rows = (await others[0]?.ask('CLUSTER', 'SLOTS')) as readonly (readonly [number, number, readonly [string, number]])[];
		return memberAt(members, rows.find(([from, to]) => from <= slot && slot <= to)?.[2][1] ?? 0);
	};
	return {
		// Named by a node that serves another slot: the room is sent on.
		url: `redis://127.0.0.1:${others[0]?.port}`,
		pair: [owner, replica],
		primary,
		failOver: async () => {
			const standby = (await primary()) === owner ? replica : owner;
			await until(() => standby.ask('CLUSTER', 'FAILOVER').catch(() => undefined), {what: 'the replica to take over'});
		},
	};
};
