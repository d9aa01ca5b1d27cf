import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import process from 'node:process';

/** A running Node process, asked through its own inspector on loopback: nothing is built into the product for it. */
export type Inspector = {
	/** The value of an expression in that process. */
	evaluate(expression: string): Promise<unknown>;
	/** Calls a method of the inspector's protocol. */
	call(method: string, params?: object): Promise<Record<string, unknown>>;
	close(): void;
};

/** In the environment of what shall be inspected: any free port, and nothing listens until it is asked for. */
export const INSPECTABLE = {NODE_OPTIONS: '--inspect-port=0'} as const;

const ADDRESS = /ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/;
const WAIT_MS = 10_000;

/** Wakes the inspector of a process by SIGUSR1 and joins it; `told` gives what that process has written to its stderr so far. */
export const inspect = async (pid: number, told: () => string): Promise<Inspector> => {
	process.kill(pid, 'SIGUSR1');
	const deadline = performance.now() + WAIT_MS;
	let address = ADDRESS.exec(told())?.[0];
	while (!address && performance.now() < deadline) {
		await new Promise(resolve => setTimeout(resolve, 20));
		address = ADDRESS.exec(told())?.[0];
	}
	if (!address) throw new Error('the inspector of the room did not open');
	const socket = new WebSocket(address);
	const waiting = new Map<number, {resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void}>();
	let last = 0;
	await new Promise<void>((resolve, reject) => {
		socket.addEventListener('open', () => resolve());
		socket.addEventListener('error', () => reject(new Error('the inspector of the room refused')));
	});
	socket.addEventListener('message', ({data}) => {
		const message = JSON.parse(String(data)) as {id?: number; result?: Record<string, unknown>; error?: {message: string}};
		const asked = waiting.get(message.id ?? -1);
		waiting.delete(message.id ?? -1);
		if (message.error) asked?.reject(new Error(message.error.message));
		else asked?.resolve(message.result ?? {});
	});
	const call = (method: string, params: object = {}): Promise<Record<string, unknown>> =>
		new Promise((resolve, reject) => {
			const id = ++last;
			waiting.set(id, {resolve, reject});
			socket.send(JSON.stringify({id, method, params}));
		});
	return {
		call,
		evaluate: async expression => {
			const {result} = await call('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true});
			return (result as {value?: unknown}).value;
		},
		close: () => socket.close(),
	};
};

/** Text of the newest log of a room below a state folder. */
export const roomLog = (stateFolder: string): string => {
	try {
		return readFileSync(join(stateFolder, 'room.log'), 'utf8');
	} catch {
		return '';
	}
};
