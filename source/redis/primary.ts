import {createConnection, Socket} from 'node:net';
import {type ConnectionOptions, connect as connectTls} from 'node:tls';
import {AbstractConnector, Redis, type RedisOptions} from 'ioredis';
import type {Host} from './address.ts';

/** A server that does not answer within this, ms, is passed over for the next. */
const ASK_MS = 1500;

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Asks one server something on a connection of its own. */
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

/** Asks one server after the other until one knows. A server that has not answered is asked last from then on. */
const asker = (first: readonly Host[], options: RedisOptions, what: string) => {
	let hosts = [...first];
	return {
		learn: (found: readonly Host[]): void => {
			const isNew = ({host, port}: Host): boolean => !hosts.some(known => known.host === host && known.port === port);
			hosts = [...hosts, ...found.filter(isNew)];
		},
		/** The next question begins with another server: this one may be cut off from the rest and not know it. */
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

/** Where the primary is, asked anew at each call. Throws an `Error` that says who was asked and what was answered. */
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

/** A Sentinel that is away is tried again this often, ms. */
const RECONNECT_MS = 2000;

/**
 * Calls `onSwitch` when a Sentinel says that there is another primary. Between two in order (`SENTINEL FAILOVER`) the old one goes on taking writes for
 * ten seconds and more, all of which are thrown away. Returns the way to stop.
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

/** The primary of a Cluster that serves the slot of `namespace`; a namespace with a hash tag is in one slot with all its keys. */
export const findInCluster = (nodes: readonly Host[], namespace: string, options: RedisOptions): FindPrimary => {
	const known = asker(nodes, options, `no node of the Cluster knows the primary of \`${namespace}\``);
	return async () => {
		const found = await known.ask<Host>(async (client, {host: asked}) => {
			const slot = Number(await client.call('CLUSTER', 'KEYSLOT', namespace));
			const rows = (await client.call('CLUSTER', 'SLOTS')) as readonly (readonly [number, number, ...Node[]])[];
			// A node that does not know its own name is the one that was asked.
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
 * What connects a client of ioredis to the primary, wherever it is by then. Its own connectors for Sentinel and Cluster are not used: the one gives up
 * for good when it is told to try again in the middle, the other sends commands a second time whose answer was lost.
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
					// It was told to try again meanwhile.
					if (!this.connecting) return new Socket().destroy();
					onFound(host);
					return tls ? connectTls({...host, ...tls}) : createConnection(host);
				},
				(error: Error) => {
					// One that is closed already makes the client wait and ask again.
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
