import {rm} from 'node:fs/promises';
import {dirname} from 'node:path';
import type {Speaker} from '../../core/authority/principal.ts';
import {attemptSocketFolders, attemptSocketFor} from '../../socket/path.ts';
import {type SocketServer, type SocketServing, serveSocket} from '../../socket/server.ts';
import type {AttemptSocket} from '../parts/attempt.ts';

export type AttemptSockets = {
	/** Listens for one attempt; `name` is that of its files. */
	open(name: string, speaker: Speaker): Promise<AttemptSocket>;
	/** Closes all open sockets and removes those of an earlier life. */
	close(): Promise<void>;
};

/** When an attempt ends, a report that still waits (for a lock, say) gets its answer within this, ms. */
const LAST_ANSWERS_MS = 5000;

/** What an attempt's socket does with requests; the socket alone identifies the speaker. */
export type Listening = {
	readonly onRequest: (speaker: Speaker, ...given: Parameters<SocketServing['onRequest']>) => void;
	readonly onAttach: (speaker: Speaker, ...given: Parameters<SocketServing['onAttach']>) => void;
};

/**
 * The sockets of this room's attempts. The user's socket must already be ours: then whatever is in their folders is from an earlier life, and is
 * removed.
 */
export const createAttemptSockets = async (stateFolder: string, {onRequest, onAttach}: Listening): Promise<AttemptSockets> => {
	const servers = new Set<SocketServer>();
	const sweep = async (): Promise<void> => {
		for (const folder of attemptSocketFolders(stateFolder)) await rm(folder, {recursive: true, force: true});
	};
	await sweep();
	return {
		open: async (name, speaker) => {
			const path = attemptSocketFor(stateFolder, name);
			const server = await serveSocket({
				path,
				onRequest: (...given) => onRequest(speaker, ...given),
				onAttach: (...given) => onAttach(speaker, ...given),
			});
			servers.add(server);
			return {
				path,
				close: async () => {
					const closed = server.close(LAST_ANSWERS_MS);
					await rm(dirname(path), {recursive: true, force: true});
					await closed;
					servers.delete(server);
				},
			};
		},
		close: async () => {
			await Promise.all([...servers].map(server => server.close()));
			await sweep();
		},
	};
};
