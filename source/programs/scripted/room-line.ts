import {createConnection} from 'node:net';
import type {Reply, Report} from '../../core/protocol.ts';
import {AgentEnds} from './errors.ts';

/** The agent's line to its room. Outside a room everything is accepted and nothing is sent. */
export type RoomLine = {
	/** Sends a report. Throws `AgentEnds` where the room took the task away (`stale`, `gone`); an unreachable room is only told about. */
	report(report: Report): Promise<void>;
	/** Asks, and waits for the choice (from 1). Hanging up (`signal`) withdraws the question. Undefined: withdrawn, or no room answers. */
	ask(question: {readonly text: string; readonly choices: readonly string[]}, signal: AbortSignal): Promise<number | undefined>;
};

const REPORT_TIMEOUT_MS = 10_000;

/** One request, one reply. It keeps the connection in hand, since only hanging up withdraws a question. */
const call = (path: string, request: object, signal: AbortSignal): Promise<Reply> =>
	new Promise((resolve, reject) => {
		const socket = createConnection(path);
		let received = '';
		const hangUp = (): void => {
			socket.destroy();
			reject(signal.reason);
		};
		if (signal.aborted) {
			hangUp();
			return;
		}
		signal.addEventListener('abort', hangUp);
		socket.setEncoding('utf8');
		socket.once('connect', () => socket.write(`${JSON.stringify(request)}\n`));
		socket.once('error', reject);
		socket.once('close', () => {
			signal.removeEventListener('abort', hangUp);
			reject(new Error('the room hung up'));
		});
		socket.on('data', (text: string) => {
			received += text;
			const end = received.indexOf('\n');
			if (end < 0) return;
			socket.destroy();
			resolve(JSON.parse(received.slice(0, end)) as Reply);
		});
	});

/** Opens the line from the environment of an attempt; `say` prints on the agent's screen. */
export const createRoomLine = (environment: NodeJS.ProcessEnv, say: (text: string) => void): RoomLine => {
	const {
		AGENT_ROOM_SOCKET: path = '',
		AGENT_ROOM_AGENT: agent = '',
		AGENT_ROOM_TASK: task = '',
		AGENT_ROOM_TOKEN: token = '',
	} = environment;
	const request = (report: Report): object => ({op: 'report', agent, task, token, ...report});
	const refuseStale = (reply: Reply): void => {
		if (reply.code === 'stale' || reply.code === 'gone') throw new AgentEnds(1, reply.message ?? 'The task was taken over.');
	};
	return {
		report: async report => {
			if (path === '') return;
			const reply = await call(path, request(report), AbortSignal.timeout(REPORT_TIMEOUT_MS)).catch((error: Error) => {
				say(`(the room was not reached: ${error.message})`);
				return undefined;
			});
			if (reply) refuseStale(reply);
		},
		ask: async ({text, choices}, signal) => {
			if (path === '') return undefined;
			const reply = await call(path, request({kind: 'ask', text, choices}), signal).catch(() => undefined);
			if (!reply) return undefined;
			refuseStale(reply);
			const {choice} = (reply.data ?? {}) as {choice?: unknown};
			return typeof choice === 'number' && choice >= 1 && choice <= choices.length ? choice : undefined;
		},
	};
};
