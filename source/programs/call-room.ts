import {createConnection} from 'node:net';
import type {Reply, Report} from '../core/protocol.ts';

/**
 * Sends one report with the identity of the environment's attempt and waits for the reply. It keeps its connection in hand, since hanging
 * up (`signal`) is what withdraws a question. Rejects with the signal's reason, or where the room cannot be reached or hangs up.
 */
export const callRoom = (environment: NodeJS.ProcessEnv, report: Report, signal: AbortSignal): Promise<Reply> =>
	new Promise((resolve, reject) => {
		const {
			AGENT_ROOM_SOCKET: path = '',
			AGENT_ROOM_AGENT: agent = '',
			AGENT_ROOM_TASK: task = '',
			AGENT_ROOM_TOKEN: token = '',
		} = environment;
		const socket = createConnection(path);
		let received = '';
		const hangUp = (): void => {
			socket.destroy();
			reject(signal.reason);
		};
		socket.once('error', reject);
		socket.once('close', () => {
			signal.removeEventListener('abort', hangUp);
			reject(new Error('the room hung up'));
		});
		if (signal.aborted) {
			hangUp();
			return;
		}
		signal.addEventListener('abort', hangUp);
		socket.setEncoding('utf8');
		socket.once('connect', () => socket.write(`${JSON.stringify({op: 'report', agent, task, token, ...report})}\n`));
		socket.on('data', (text: string) => {
			received += text;
			const end = received.indexOf('\n');
			if (end < 0) return;
			socket.destroy();
			try {
				resolve(JSON.parse(received.slice(0, end)) as Reply);
			} catch {
				reject(new Error('the room answered something else than a reply'));
			}
		});
	});
