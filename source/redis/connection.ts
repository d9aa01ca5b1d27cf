import type {RedisOptions} from 'ioredis';
import {nameOf, type RedisAddress} from './address.ts';
import {createClient} from './client.ts';
import {messageOf, RedisLost, RedisRefused, type RefusalCode} from './errors.ts';
import {checkServer, readInfo, serverVersion} from './requirements.ts';
import {createRunner} from './run-script.ts';
import type {LoadedScript} from './scripts/table.ts';

/** A thin, replaceable adapter of one client. Commands fail at once with `RedisLost` while Redis is disconnected. */
export interface RedisConnection {
	/** For display, without password. */
	readonly address: string;
	/** How it was reached; for a Cluster given as a plain server, as a Cluster. */
	readonly way: RedisAddress;
	readonly version: string;
	readonly isConnected: boolean;
	/** Why it is disconnected; '' if connected or unknown. */
	readonly problem: string;
	/** Time to the next attempt, ms; 0 during one or while connected. */
	readonly retryInMs: number;
	/** Tries at once, replacing a hanging attempt or a wait; does nothing while connected. */
	retryNow(): void;
	/** Runs a script, which is sent again if the server does not know it (restart, FUNCTION FLUSH, SCRIPT FLUSH). */
	run(script: LoadedScript, keys: readonly string[], args: readonly string[]): Promise<unknown>;
	call(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
	/** Another connection without command timeout, for XREAD BLOCK; closed with this one. */
	duplicateBlocking(): Promise<RedisConnection>;
	/** Both return the unsubscribe function. */
	onLost(listener: () => void): () => void;
	onRestored(listener: () => void): () => void;
	close(): void;
}

/** Fixes for errors of a server, Sentinels or TLS that prevent a connection; the first match counts. */
const REFUSALS = [
	[
		/^no Sentinel knows.*(?:NOAUTH|WRONGPASS)/,
		'password',
		name => `The Sentinels of \`${name}\` ask for a password.`,
		'Give it in AGENT_ROOM_REDIS_SENTINEL_PASSWORD.',
	],
	[
		/NOAUTH|WRONGPASS|invalid password|invalid username/i,
		'password',
		name => `Redis at \`${name}\` rejects the password.`,
		'Name the user in the URL (redis://user@host) and give the password by `--redis-password-file FILE` or AGENT_ROOM_REDIS_PASSWORD.',
	],
	[
		/NOPERM/,
		'forbidden',
		(name, message) => `Redis at \`${name}\` denies permission: ${message}`,
		'Print the needed ACL line with `agent-room setup redis --acl`.',
	],
	[
		/Unknown RESP type|protocol error|parser/i,
		'not-redis',
		name => `\`${name}\` does not answer like Redis.`,
		'Give the address of a Redis or Valkey server.',
	],
	[
		/self.signed|unable to (?:verify|get)|UNABLE_TO|altnames|certificate has expired/i,
		'certificate',
		(name, message) => `The certificate of Redis at \`${name}\` is not trusted: ${message}`,
		'Give its certificate authority with `--redis-ca FILE`.',
	],
	[
		/alert (?:certificate required|handshake failure|bad certificate)|CERTIFICATE_REQUIRED/i,
		'certificate',
		name => `Redis at \`${name}\` asks for a client certificate that it trusts.`,
		'Give one with `--redis-cert FILE` and `--redis-key FILE`.',
	],
	[
		/wrong version number|packet length too long/i,
		'unreachable',
		name => `Redis at \`${name}\` does not speak TLS on that port.`,
		'Use its TLS port, or `redis://` for no TLS.',
	],
] as const satisfies readonly (readonly [RegExp, RefusalCode, (name: string, message: string) => string, string])[];

const refusalOf = (name: string, error: unknown): RedisRefused => {
	const message = messageOf(error);
	const [, code, tell, hint] = REFUSALS.find(([words]) => words.test(message)) ?? [];
	if (code && tell) return new RedisRefused(code, tell(name, message), hint ?? '', error);
	return new RedisRefused(
		'unreachable',
		`Redis at \`${name}\` cannot be reached: ${message}`,
		/^rediss/.test(name)
			? 'Is it running, is the address right, and does that port speak TLS?'
			: `Is it running, and is the address right?${/RESET|closed/i.test(message) ? ' Where it speaks TLS, the URL begins with `rediss`.' : ''}`,
		error,
	);
};

/** Errors of a server that is no longer primary, or not of these keys: nothing changed, another server is right. */
const IS_ELSEWHERE = /^(?:READONLY|MOVED|ASK|CLUSTERDOWN|MASTERDOWN|UNBLOCKED)\b/;

const HANDSHAKE_MS = 3000;

/** How often to ask the Sentinels for the primary, ms: one that is cut off from them does not know. */
const LOOK_MS = 5000;

/** Delay before an attempt, ms: almost none at first, 2 s after some ten seconds. */
const delayBefore = (times: number): number => (times > 15 ? 2000 : Math.min(50 * 2 ** Math.min(times - 1, 5), 1000));

/** An unreleased connection: `verify` checks the server by it. */
export type Greeting = Pick<RedisConnection, 'call' | 'run'>;

/** Delay before verifying a wrong server again, ms. */
const VERIFY_AGAIN_MS = 500;

type ConnectOptions = {readonly commandTimeoutMs?: number; readonly verify?: (greeting: Greeting) => Promise<void>};

type Opened = {readonly connection: RedisConnection; readonly leave: () => void};

/** The address as a Cluster's, if a plain one turned out to be one. A socket stays: other nodes are on other machines. */
const asCluster = (address: RedisAddress): RedisAddress | undefined => {
	if ('socketPath' in address) return undefined;
	const url = address.url.replace(/^(rediss?):/, '$1+cluster:');
	return url === address.url ? undefined : {...address, url};
};

const checkHashTag = (name: string, address: RedisAddress): void => {
	const namespace = 'socketPath' in address ? undefined : address.namespace;
	if (namespace === undefined || /\{[^}]+\}/.test(namespace)) return;
	throw new RedisRefused(
		'namespace',
		`Redis at \`${name}\` is a Cluster, and namespace \`${namespace}\` spreads its keys over many nodes.`,
		`Use a namespace with a hash tag: --namespace '{${namespace}}'`,
	);
};

/**
 * Connects and checks the server (version, role, eviction, password). `verify` runs at each connection before any other command: if it
 * throws, the connection stays lost, and the first time this throws too. Throws `RedisRefused`.
 * Reconnects after 50 ms to 1 s, later 2 s, and follows the primary by Sentinel or Cluster. Never resends a command whose reply is lost:
 * `RedisLost` says whether it may have run. No reply within `commandTimeoutMs` counts as lost and replaces the connection.
 */
export const connectRedis = async (address: RedisAddress, options: ConnectOptions = {}): Promise<RedisConnection> =>
	(await openConnection(address, options)).connection;

const openConnection = async (
	address: RedisAddress,
	{commandTimeoutMs = 2000, verify = async () => undefined}: ConnectOptions,
): Promise<Opened> => {
	const name = nameOf(address);
	let isEstablished = false;
	let lastError: unknown;
	/** True if a human asked to retry now. */
	let isHurried = false;
	/** Time of `performance.now()`; 0 during an attempt. */
	let retryAt = 0;
	const options: RedisOptions = {
		lazyConnect: true,
		enableOfflineQueue: false,
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: null,
		// Asks a server that reads its file again soon, as a start waits for it: the default is a second, however short the file.
		maxLoadingRetryTime: 5,
		connectTimeout: 5000,
		disableClientInfo: true,
		connectionName: 'agent-room',
		retryStrategy: times => {
			if (!isEstablished) return null;
			const delay = isHurried ? 0 : delayBefore(times);
			isHurried = false;
			retryAt = performance.now() + delay;
			return delay;
		},
		...(commandTimeoutMs > 0 ? {commandTimeout: commandTimeoutMs} : {}),
	};
	const {client, moves} = createClient(address, options);
	client.on('error', error => {
		lastError = error;
	});

	const pending = new Set<(error: RedisLost) => void>();
	const lost = new Set<() => void>();
	const restored = new Set<() => void>();
	const children = new Set<Opened>();
	let isClosed = false;
	let isConnected = false;
	let isReplacing = false;
	let greetings = 0;
	let refused = '';
	const leave = (): void => {
		if (!isReplacing) client.disconnect(true);
		isReplacing = true;
	};
	/** The former primary may be a replica now, or cut off. */
	const checkPrimary = async (): Promise<void> => {
		if (!moves) return;
		const {host = '', port = 0} = moves.at() ?? {};
		if (readInfo(String(await send('INFO', 'replication'))).get('role') !== 'master')
			throw new Error(`${host}:${port} is no longer the primary`);
		if (moves.isInCluster && !String(await send('CLUSTER', 'INFO')).includes('cluster_state:ok'))
			throw new Error(`${host}:${port} is cut off from its Cluster`);
	};
	/** Verifies that a server that returns is the same one. */
	const greet = async (): Promise<void> => {
		const greeting = ++greetings;
		try {
			await checkPrimary();
			await verify(raw);
		} catch (error) {
			if (greeting !== greetings || isClosed) return;
			refused = messageOf(error);
			setTimeout(() => greeting === greetings && client.disconnect(true), VERIFY_AGAIN_MS);
			return;
		}
		if (greeting !== greetings || isClosed) return;
		refused = '';
		isConnected = true;
		for (const listener of [...restored]) listener();
	};
	client.on('connecting', () => {
		retryAt = 0;
		isReplacing = false;
	});
	client.on('connect', () => {
		// Without a command timeout, a hanging server would block the handshake forever.
		if (moves && commandTimeoutMs === 0) setTimeout(() => client.status === 'connect' && leave(), HANDSHAKE_MS).unref();
	});
	client.on('ready', () => {
		if (isEstablished) void greet();
	});
	client.on('close', () => {
		const wasConnected = isConnected;
		isConnected = false;
		isReplacing = false;
		greetings++;
		// The client itself never settles commands in flight.
		for (const reject of [...pending]) reject(new RedisLost(true, lastError));
		pending.clear();
		if (wasConnected && !isClosed) for (const listener of [...lost]) listener();
		// A blocking connection has no timeout: it would wait for a server that no one writes to.
		if (moves && !isClosed) for (const child of children) child.leave();
	});

	const send = (command: string, ...args: readonly (string | number)[]): Promise<unknown> =>
		new Promise((resolve, reject) => {
			pending.add(reject);
			client.call(command, ...args).then(
				value => {
					pending.delete(reject);
					resolve(value);
				},
				(error: unknown) => {
					// Its connection was already lost and reported: its timeout must not hit the next one.
					if (!pending.delete(reject)) return;
					const message = messageOf(error);
					if (message === 'Command timed out') {
						// A silent socket counts as closed.
						leave();
						reject(new RedisLost(true, error));
					} else if (moves && IS_ELSEWHERE.test(message)) {
						leave();
						reject(new RedisLost(true, error));
					} else if (/^Connection is closed|^Stream isn't writeable|^Command aborted/.test(message)) reject(new RedisLost(true, error));
					else reject(error);
				},
			);
		});

	const call: RedisConnection['call'] = (command, ...args) =>
		isConnected && !isClosed ? send(command, ...args) : Promise.reject(new RedisLost(false, lastError));
	const runBy = createRunner(name);
	const raw: Greeting = {call: send, run: runBy(send)};

	/** The Sentinels know a new primary before the old one does, whose later writes are lost. */
	const lookForPrimary = async (): Promise<void> => {
		if (!moves || moves.isInCluster || !isConnected) return;
		const used = moves.at();
		const found = await moves.find().catch(() => used);
		if (isConnected && used === moves.at() && (found?.host !== used?.host || found?.port !== used?.port)) leave();
	};
	const looking = setInterval(() => void lookForPrimary(), LOOK_MS).unref();
	let stopWatching = (): void => undefined;

	const close = (): void => {
		isClosed = true;
		clearInterval(looking);
		stopWatching();
		for (const child of children) child.connection.close();
		client.disconnect();
	};

	let version = '';
	try {
		await client.connect();
		const info = readInfo(String(await send('INFO')));
		checkServer(name, info);
		const cluster = info.get('cluster_enabled') === '1' && !moves ? asCluster(address) : undefined;
		if (cluster) {
			close();
			return await openConnection(cluster, {commandTimeoutMs, verify});
		}
		if (moves?.isInCluster) checkHashTag(name, address);
		version = serverVersion(info);
	} catch (error) {
		close();
		throw error instanceof RedisRefused ? error : refusalOf(name, lastError ?? error);
	}
	try {
		await verify(raw);
		if (client.status !== 'ready') throw new RedisLost(false, lastError);
	} catch (error) {
		close();
		throw error;
	}
	isEstablished = true;
	isConnected = true;
	// A blocking connection follows its parent.
	if (moves && commandTimeoutMs > 0) stopWatching = moves.watch(() => void lookForPrimary());

	const connection: RedisConnection = {
		address: name,
		way: address,
		version,
		get isConnected() {
			return isConnected;
		},
		get problem() {
			return isConnected ? '' : refused || (lastError === undefined ? '' : messageOf(lastError));
		},
		get retryInMs() {
			return isConnected || retryAt === 0 ? 0 : Math.max(0, retryAt - performance.now());
		},
		retryNow() {
			if (isConnected || isClosed) return;
			if (client.status === 'reconnecting') client.connect().catch(() => undefined);
			else {
				isHurried = true;
				client.disconnect(true);
			}
		},
		call,
		run: runBy(call),
		async duplicateBlocking() {
			const child = await openConnection(address, {commandTimeoutMs: 0});
			if (isClosed) child.connection.close();
			children.add(child);
			return child.connection;
		},
		onLost(listener) {
			lost.add(listener);
			return () => void lost.delete(listener);
		},
		onRestored(listener) {
			restored.add(listener);
			return () => void restored.delete(listener);
		},
		close,
	};
	return {connection, leave};
};
