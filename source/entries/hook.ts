/**
 * Runs at each hook of an agent CLI (`node dist/hook.js EVENT`): sends the event to the room and prints its reply. It starts many times a
 * minute, so it only loads a socket. Any problem exits silently with 0: a failing hook would stop the agent.
 */

import {readSync, writeSync} from 'node:fs';
import {boundedPayload} from '../core/session/hook-payload.ts';
import {request} from '../socket/client.ts';

/** Limit of a payload. A cut payload is no JSON and is ignored. */
const MOST_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** Reads all input. Blocking: nothing else is to do, and a stream would cost milliseconds. */
const readInput = (): string => {
	const chunks: Buffer[] = [];
	for (let size = 0; ; ) {
		const chunk = Buffer.alloc(CHUNK_BYTES);
		const length = patiently(() => readSync(0, chunk));
		if (length === 0) return Buffer.concat(chunks).toString('utf8');
		size += length;
		if (size <= MOST_BYTES) chunks.push(chunk.subarray(0, length));
	}
};

/** Retries a pipe that is busy; gives up on a broken one. */
const patiently = (step: () => number): number => {
	for (;;) {
		try {
			return step();
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return 0;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
		}
	}
};

const outputOf = (data: unknown): string =>
	typeof data === 'object' && data !== null && 'output' in data && typeof data.output === 'string' ? data.output : '';

/** `given`: the payload as an argument, for programs that do not use stdin. */
const run = async ([event = '', given]: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> => {
	const {AGENT_ROOM_SOCKET: path, AGENT_ROOM_AGENT: agent, AGENT_ROOM_TASK: task = '', AGENT_ROOM_TOKEN: token = ''} = environment;
	if (!path || !agent || event === '') return;
	const payload = boundedPayload(given ?? readInput());
	// A permission waits as long as the program waits for its hook.
	const reply = await request(path, {op: 'report', kind: 'hook', agent, task, token, event, payload}, {timeoutMs: 0});
	const output = outputOf(reply.data);
	if (output !== '') writeAll(output);
};

const writeAll = (text: string): void => {
	for (let rest = Buffer.from(text); rest.length > 0; ) {
		const length = patiently(() => writeSync(1, rest));
		if (length === 0) return;
		rest = rest.subarray(length);
	}
};

await run(process.argv.slice(2), process.env).catch(() => undefined);
process.exit(0);
