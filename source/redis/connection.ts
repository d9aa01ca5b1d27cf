import type {RedisOptions} from 'ioredis';
import {nameOf, type RedisAddress} from './address.ts';
import {createClient} from './client.ts';
import {RedisLost, RedisRefused, type RefusalCode} from './errors.ts';
import {checkServer, readInfo, serverVersion} from './requirements.ts';
import type {LoadedScript} from './scripts/table.ts';

/** A thin adapter around one client, so that it can be swapped. Commands fail at once with `RedisLost` while Redis is out of reach. */
export interface RedisConnection {
	/** What a person may see: no password in it. */
	readonly address: string;
	/** How it was reached: of a Cluster that was given as a plain server, that it is one. */
	readonly way: RedisAddress;
	readonly version: string;
	readonly isConnected: boolean;
	/** Why it is not connected, in words; '' while it is, or where nothing was said yet. */
	readonly problem: string;
	/** How long until it is tried again, ms; 0 while it is tried or connected. */
	readonly retryInMs: number;
	/** Tries at once, in the place of an attempt that hangs or a wait; nothing where it is connected. */
	retryNow(): void;
	/** Runs by digest; where the server does not know the script (restart, SCRIPT FLUSH), by its text. */
	run(script: LoadedScript, keys: readonly string[], args: readonly string[]): Promise<unknown>;
	call(command: string, ...args: readonly (string | number)[]): Promise<unknown>;
	/** A connection of its own without a command timeout, for XREAD BLOCK; closed with this one. */
	duplicateBlocking(): Promise<RedisConnection>;
	/** Both return the way to stop listening. */
	onLost(listener: () => void): () => void;
	onRestored(listener: () => void): () => void;
	close(): void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What to do about words of a server, of Sentinels or of TLS that stop a connection; the first that fits. */
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
		name => `Redis at \`${name}\` requires a client certificate, which agent-room does not support.`,
		'Set `tls-auth-clients no` on that server; agent-room logs in with user and password.',
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

/** Answers of a server that is not the primary any more, or not of these keys. Nothing was changed, and another server knows better. */
const IS_ELSEWHERE = /^(?:READONLY|MOVED|ASK|CLUSTERDOWN|MASTERDOWN|UNBLOCKED)\b/;

/** So long may the first words to a server take, ms. */
const HANDSHAKE_MS = 3000;

/** So often the Sentinels are asked whether the primary is still the one that is worked with, ms: one that is cut off from them does not know. */
const LOOK_MS = 5000;

/** So long is waited before an attempt, ms: at first as good as not, after some ten seconds two. */
const delayBefore = (times: number): number => (times > 15 ? 2000 : Math.min(50 * 2 ** Math.min(times - 1, 5), 1000));

/** A connection before it is given free: `verify` asks the server what it must know first. */
export type Greeting = Pick<RedisConnection, 'call' | 'run'>;

/** What a server that is back, but not what is expected, is asked again after, ms. */
const VERIFY_AGAIN_MS = 500;

type ConnectOptions = {readonly commandTimeoutMs?: number; readonly verify?: (greeting: Greeting) => Promise<void>};

/** A connection, and the way to make it leave its server for whichever is the primary now. */
type Opened = {readonly connection: RedisConnection; readonly leave: () => void};

/** A Cluster that was given as a plain server. A socket stays what it is: other nodes are on other machines. */
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
 * Connects and checks the server (version, role, eviction, password). `verify` runs at the first connection and at each later one before
 * any other command is let through: what it throws keeps the connection lost, at the first throws from here. Reconnects by itself after
 * 50 ms to 1 s, after a while 2 s, and follows the primary where Sentinel or a Cluster says who it is; a command whose answer is lost is never sent again here: `RedisLost` says whether it may have run. `commandTimeoutMs`
 * without an answer counts as lost, and the connection is replaced. Throws `RedisRefused`.
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
	/** A person does not want to wait for the next attempt. */
	let isHurried = false;
	/** Moment of `performance.now()`; 0 while it is tried. */
	let retryAt = 0;
	const options: RedisOptions = {
		lazyConnect: true,
		enableOfflineQueue: false,
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: null,
		// A server that reads its AOF is asked again soon: by default not before a second, however short the file is.
		maxLoadingRetryTime: 50,
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
	/** What was the primary a moment ago may be a replica by now, or cut off from the others. */
	const checkPrimary = async (): Promise<void> => {
		if (!moves) return;
		const {host = '', port = 0} = moves.at() ?? {};
		if (readInfo(String(await send('INFO', 'replication'))).get('role') !== 'master')
			throw new Error(`${host}:${port} is no longer the primary`);
		if (moves.isInCluster && !String(await send('CLUSTER', 'INFO')).includes('cluster_state:ok'))
			throw new Error(`${host}:${port} is cut off from its Cluster`);
	};
	/** A server that is back is asked first whether it is the one that went. */
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
		// Without a timeout of commands the first words to a server that hangs would be waited for without end.
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
		// What was on the way never gets an answer from the client itself: it must not hang.
		for (const reject of [...pending]) reject(new RedisLost(true, lastError));
		pending.clear();
		if (wasConnected && !isClosed) for (const listener of [...lost]) listener();
		// A connection that waits for entries has no timeout: it would wait for a server that nobody writes to any more.
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
					// Its connection is gone and it was told so: its time ends on the next one, which has done nothing wrong.
					if (!pending.delete(reject)) return;
					const message = messageOf(error);
					if (message === 'Command timed out') {
						// A socket that answers nothing is no better than a closed one.
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
	/** By digest, and where the server does not know that, by text. */
	const runBy =
		(ask: RedisConnection['call']): RedisConnection['run'] =>
		async (script, keys, args) => {
			try {
				return await ask('EVALSHA', script.sha, keys.length, ...keys, ...args);
			} catch (error) {
				if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
				return ask('EVAL', script.text, keys.length, ...keys, ...args);
			}
		};
	const raw: Greeting = {call: send, run: runBy(send)};

	/** The Sentinels know of a new primary before the old one does, which takes writes that will be thrown away. */
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
	// One that waits for entries goes where the one goes that it is of.
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
