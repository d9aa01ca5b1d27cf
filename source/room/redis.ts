import {randomUUID} from 'node:crypto';
import {join} from 'node:path';
import type {Coordination} from '../core/coordination.ts';
import {connectRedis, type RedisConnection} from '../redis/connection.ts';
import {createCoordination} from '../redis/coordination.ts';
import {type EmbeddedServer, startServer} from '../redis/server.ts';
import type {RoomOptions} from './options.ts';
import {RoomRefused} from './room-refused.ts';

export type RoomRedis = {
	readonly coordination: Coordination;
	readonly connection: RedisConnection;
	readonly address: string;
	/** Stops an embedded server, closes the connection. */
	close(): Promise<void>;
};

/** A server that dies at once is not started for ever at full speed, ms. */
const RESTART_DELAY_MS = 500;

/** A namespace belongs to one repository: the root commit is its identity, whatever folder it is cloned to. */
const checkIdentity = async (connection: RedisConnection, namespace: string, identity: string): Promise<void> => {
	await connection.call('HSETNX', `${namespace}:meta`, 'repository', identity);
	const known = String(await connection.call('HGET', `${namespace}:meta`, 'repository'));
	if (known !== identity)
		throw new RoomRefused(
			'not-ready',
			`The namespace \`${namespace}\` of this Redis belongs to another repository (root commit \`${known.slice(0, 12)}\`).`,
			'Give this one its own with `--namespace NAME`.',
		);
};

/** The embedded server of this state folder, started again whenever it dies while the room lives. */
const keepServer = async (
	folder: string,
	log: (line: string) => void,
): Promise<{server: () => EmbeddedServer; close: () => Promise<void>}> => {
	let isClosing = false;
	let server = await startServer({folder, log});
	const watch = (): void => {
		server.onExit(() => {
			if (isClosing) return;
			log('redis-server has ended; starting it again');
			const again = async (): Promise<void> => {
				try {
					server = await startServer({folder, log});
					watch();
				} catch (error) {
					log(`redis-server does not start: ${error instanceof Error ? error.message : String(error)}`);
					if (!isClosing) setTimeout(() => void again(), RESTART_DELAY_MS * 4);
				}
			};
			setTimeout(() => void again(), RESTART_DELAY_MS);
		});
	};
	watch();
	return {
		server: () => server,
		close: async () => {
			isClosing = true;
			await server.stop();
		},
	};
};

/** Connects the room to its Redis: the given URL, else the embedded server of the state folder, started or adopted. */
export const openRedis = async (options: RoomOptions, identity: string, log: (line: string) => void): Promise<RoomRedis> => {
	const kept = options.redisUrl === undefined ? await keepServer(join(options.stateFolder, 'redis'), log) : undefined;
	const address = options.redisUrl ?? kept?.server().socketPath ?? '';
	try {
		const connection = await connectRedis(options.redisUrl === undefined ? {socketPath: address} : {url: options.redisUrl});
		try {
			await checkIdentity(connection, options.namespace, identity);
		} catch (error) {
			await connection.close();
			throw error;
		}
		return {
			connection,
			coordination: createCoordination({connection, namespace: options.namespace, newOpId: randomUUID}),
			address: address.replace(/\/\/[^@/]*@/, '//'),
			close: async () => {
				await connection.close();
				await kept?.close();
			},
		};
	} catch (error) {
		await kept?.close();
		throw error;
	}
};
