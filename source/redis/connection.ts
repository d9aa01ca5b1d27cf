import {Redis, type RedisOptions} from 'ioredis';
import {RedisLost, RedisRefused} from './errors.ts';
import {checkServer, readInfo, serverVersion} from './requirements.ts';
import type {LoadedScript} from './scripts/table.ts';

/** A unix socket, with a user and a password where the server asks for them. */
export type SocketAddress = {readonly socketPath: string; readonly username?: string; readonly password?: string};
/** A socket, or a URL that may hold user and password too. */
export type RedisAddress = SocketAddress | {readonly url: string};

/** A client that is not connected yet. It says who it is by AUTH, after it has connected: no process's arguments or environment hold a password. */
export const createClient = (address: RedisAddress, options: RedisOptions): Redis => {
	if ('url' in address) return new Redis(address.url, options);
	const {socketPath, username, password} = address;
	return new Redis({...options, path: socketPath, ...(password === undefined ? {} : {username, password})});
};

/** A thin adapter around one client, so that it can be swapped. Commands fail at once with `RedisLost` while Redis is out of reach. */
export interface RedisConnection {
	/** What a person may see: no password in it. */
	readonly address: string;
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

/** The address as one may print it: no user and no password in it. */
export const nameOf = (address: RedisAddress): string => {
	if ('socketPath' in address) return address.socketPath;
	const parsed = URL.parse(address.url);
	if (!parsed) return address.url.replace(/\/\/[^@]*@/, '//');
	parsed.username = '';
	parsed.password = '';
	return parsed.href;
};

const refusalOf = (name: string, error: unknown): RedisRefused => {
	const message = messageOf(error);
	if (/NOAUTH|WRONGPASS|invalid password|invalid username/i.test(message))
		return new RedisRefused(
			'password',
			`Redis at \`${name}\` refuses the password.`,
			'Put user and password into the URL: redis://user:password@host',
			error,
		);
	if (/NOPERM/.test(message))
		return new RedisRefused('forbidden', `Redis at \`${name}\` allows too little: ${message}`, 'Allow that user what it needs.', error);
	if (/Unknown RESP type|protocol error|parser/i.test(message))
		return new RedisRefused('not-redis', `\`${name}\` does not answer like Redis.`, 'Give the address of a Redis or Valkey server.', error);
	return new RedisRefused(
		'unreachable',
		`Redis at \`${name}\` cannot be reached: ${message}`,
		'Is it running, and is the address right?',
		error,
	);
};

/** So long is waited before an attempt, ms: at first as good as not, after some ten seconds two. */
const delayBefore = (times: number): number => (times > 15 ? 2000 : Math.min(50 * 2 ** Math.min(times - 1, 5), 1000));

/** A connection before it is given free: `verify` asks the server what it must know first. */
export type Greeting = Pick<RedisConnection, 'call' | 'run'>;

/** What a server that is back, but not what is expected, is asked again after, ms. */
const VERIFY_AGAIN_MS = 500;

/**
 * Connects and checks the server (version, role, eviction, password). `verify` runs at the first connection and at each later one before
 * any other command is let through: what it throws keeps the connection lost, at the first throws from here. Reconnects by itself after
 * 50 ms to 1 s, after a while 2 s; a command whose answer is lost is never sent again here: `RedisLost` says whether it may have run. `commandTimeoutMs`
 * without an answer counts as lost, and the connection is replaced. Throws `RedisRefused`.
 */
export const connectRedis = async (
	address: RedisAddress,
	{
		commandTimeoutMs = 2000,
		verify = async () => undefined,
	}: {readonly commandTimeoutMs?: number; readonly verify?: (greeting: Greeting) => Promise<void>} = {},
): Promise<RedisConnection> => {
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
	const client = createClient(address, options);
	client.on('error', error => {
		lastError = error;
	});

	const pending = new Set<(error: RedisLost) => void>();
	const lost = new Set<() => void>();
	const restored = new Set<() => void>();
	const children = new Set<RedisConnection>();
	let isClosed = false;
	let isConnected = false;
	let isReplacing = false;
	let greetings = 0;
	let refused = '';
	/** A server that is back is asked first whether it is the one that went. */
	const greet = async (): Promise<void> => {
		const greeting = ++greetings;
		try {
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
						if (!isReplacing) client.disconnect(true);
						isReplacing = true;
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

	const close = (): void => {
		isClosed = true;
		for (const child of children) child.close();
		client.disconnect();
	};

	let version = '';
	try {
		await client.connect();
		const info = readInfo(String(await send('INFO')));
		checkServer(name, info);
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

	return {
		address: name,
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
			const child = await connectRedis(address, {commandTimeoutMs: 0});
			if (isClosed) child.close();
			children.add(child);
			return child;
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
};
