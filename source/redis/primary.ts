import {createConnection, Socket} from 'node:net';
import {type ConnectionOptions, connect as connectTls} from 'node:tls';
import {AbstractConnector, Redis, type RedisOptions} from 'ioredis';
import type {Host} from './address.ts';

/** Time limit of one server, ms, before the next is asked. */
const ASK_MS = 1500;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const ask = async <T>(host: Host, options: RedisOptions, question: (client: Redis) => Promise<T>): Promise<T> => {
	let lastError: unknown;
	const client = new Redis({
		...options,
		...host,
		lazyConnect: true,
		retryStrategy: () => null,
		enableReadyCheck: false,
		enableOfflineQueue: false,
		disableClientInfo: true,
		connectTimeout: ASK_MS,
		commandTimeout: ASK_MS,
	});
	client.on('error', error => {
		lastError = error;
	});
	try {
		await client.connect();
		return await question(client);
	} catch (error) {
		throw lastError ?? error;
	} finally {
		client.disconnect();
	}
};

/** Asks servers in turn until one answers. A silent one moves to the end. */
const asker = (first: readonly Host[], options: RedisOptions, what: string) => {
	let hosts = [...first];
	return {
		learn: (found: readonly Host[]): void => {
			const isNew = ({host, port}: Host): boolean => !hosts.some(known => known.host === host && known.port === port);
			hosts = [...hosts, ...found.filter(isNew)];
		},
		/** Starts the next question at another server: this one may unknowingly be cut off. */
		turn: (): void => {
			hosts = [...hosts.slice(1), ...hosts.slice(0, 1)];
		},
		ask: async <T>(question: (client: Redis, host: Host) => Promise<T | string>): Promise<T> => {
			let why = '';
			for (let left = hosts.length; left > 0; left--) {
				const [host] = hosts;
				if (!host) break;
				const answer = await ask(host, options, client => question(client, host)).catch(textOf);
				if (typeof answer !== 'string') return answer;
				why = `${host.host}:${host.port}: ${answer}`;
				hosts = [...hosts.slice(1), host];
			}
			throw new Error(`${what} (${why})`);
		},
	};
};

/** Finds the primary, anew at each call. Throws an `Error` with all servers and their answers. */
export type FindPrimary = () => Promise<Host>;

/** The primary that Sentinels call `name`. */
export const findBySentinel = (sentinels: readonly Host[], name: string, options: RedisOptions): FindPrimary => {
	const known = asker(sentinels, options, `no Sentinel knows \`${name}\``);
	return () =>
		known.ask(async client => {
			const reply: unknown = await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
			return Array.isArray(reply) ? {host: String(reply[0]), port: Number(reply[1])} : 'it has no primary of that name';
		});
};

/** Retry interval of a lost Sentinel, ms. */
const RECONNECT_MS = 2000;

/**
 * Calls `onSwitch` when a Sentinel announces a new primary. After `SENTINEL FAILOVER` the old one accepts writes for ten seconds or more,
 * all of which are lost. Returns the unsubscribe function.
 */
export const watchSentinels = (sentinels: readonly Host[], name: string, options: RedisOptions, onSwitch: () => void): (() => void) => {
	const clients = sentinels.map(host => {
		const client = new Redis({
			...options,
			...host,
			lazyConnect: true,
			autoResubscribe: false,
			enableReadyCheck: false,
			disableClientInfo: true,
			maxRetriesPerRequest: null,
			connectTimeout: ASK_MS,
			retryStrategy: () => RECONNECT_MS,
		});
		client.on('error', () => undefined);
		client.on('ready', () => void client.subscribe('+switch-master').catch(() => undefined));
		client.on('message', (_, words: string) => {
			if (words.split(' ')[0] === name) onSwitch();
		});
		client.connect().catch(() => undefined);
		return client;
	});
	return () => {
		for (const client of clients) client.disconnect();
	};
};

type Node = readonly [host: string | null, port: number];

/** The Cluster's primary for the slot of `namespace`; its hash tag keeps all keys in one slot. */
export const findInCluster = (nodes: readonly Host[], namespace: string, options: RedisOptions): FindPrimary => {
	const known = asker(nodes, options, `no node of the Cluster knows the primary of \`${namespace}\``);
	return async () => {
		const found = await known.ask<Host>(async (client, {host: asked}) => {
			const slot = Number(await client.call('CLUSTER', 'KEYSLOT', namespace));
			const rows = (await client.call('CLUSTER', 'SLOTS')) as readonly (readonly [number, number, ...Node[]])[];
			// A node without a name is the one asked.
			const hostOf = ([host, port]: Node): Host => ({host: host && host !== '?' ? host : asked, port});
			known.learn(rows.flatMap(([, , ...served]) => served.map(hostOf)));
			const primary = rows.find(([from, to]) => from <= slot && slot <= to)?.[2];
			return primary ? hostOf(primary) : `no node serves slot ${slot}`;
		});
		known.turn();
		return found;
	};
};

/**
 * Connects an ioredis client to the present primary. Replaces its Sentinel connector, which gives up if told to retry midway, and its
 * Cluster connector, which resends commands whose reply was lost.
 */
export const connectorTo = (find: FindPrimary, tls: ConnectionOptions | undefined, onFound: (host: Host) => void) =>
	class extends AbstractConnector {
		constructor() {
			super(2000);
		}

		async connect(): Promise<Socket> {
			this.connecting = true;
			const stream = await find().then(
				host => {
					// A retry began meanwhile.
					if (!this.connecting) return new Socket().destroy();
					onFound(host);
					return tls ? connectTls({...host, ...tls}) : createConnection(host);
				},
				(error: Error) => {
					// A closed socket makes the client wait and ask again.
					this.firstError = error;
					return new Socket().destroy();
				},
			);
			stream.once('error', error => {
				this.firstError = error;
			});
			this.stream = stream;
			return stream;
		}
	};
