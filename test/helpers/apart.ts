import {execFileSync, spawn} from 'node:child_process';
import {closeSync, constants, mkdtempSync, openSync, readSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type ApartAnswer, type ApartOrder, readFrame, writeFrame} from './apart-frames.ts';
import {node} from './program.ts';

type Server = {readonly asks: number; readonly answers: number};

const READY_MS = 60_000;

/** Waits for the sign of life on a FIFO, and opens it so that the next read waits, and ends where its writer does. */
const openAnswers = (path: string): number => {
	const looking = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	const limit = performance.now() + READY_MS;
	const isThere = (): boolean => {
		try {
			return readSync(looking, Buffer.alloc(1), 0, 1, null) === 1;
		} catch {
			// Nothing yet.
			return false;
		}
	};
	while (!isThere()) {
		if (performance.now() > limit) throw new Error('The process that runs commands for tests did not start.');
		Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
	}
	const opened = openSync(path, 'r');
	closeSync(looking);
	return opened;
};

const startServer = (): Server => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-apart-'));
	const [asked, answered] = [join(folder, 'asked'), join(folder, 'answered')];
	try {
		execFileSync('mkfifo', [asked, answered]);
		// For both ends, so that it opens at once.
		const asks = openSync(asked, 'r+');
		const child = spawn(node, [join(import.meta.dirname, 'apart-server.ts'), asked, answered], {stdio: 'ignore'});
		child.on('error', () => undefined);
		child.unref();
		return {asks, answers: openAnswers(answered)};
	} finally {
		rmSync(folder, {recursive: true});
	}
};

let server: Server | undefined;

/**
 * As `execFileSync`, by a small process, one for each worker: a fork copies the page tables of its process, 10 ms of processor time in a worker that
 * has run many files, and tests start git by the ten thousand. Returns what the command wrote to stdout.
 */
export const runApart = (
	file: string,
	args: readonly string[],
	{
		cwd,
		env = process.env,
		input = '',
		timeoutMs,
	}: {readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly input?: string | Uint8Array; readonly timeoutMs?: number} = {},
): Buffer => {
	server ??= startServer();
	const order: ApartOrder = {file, args, cwd, env, timeoutMs};
	writeFrame(server.asks, JSON.stringify(order), Buffer.from(input));
	const frame = readFrame(server.answers);
	if (!frame) {
		server = undefined;
		throw new Error('The process that runs commands for tests has ended.');
	}
	const {status, signal, error, outLength} = JSON.parse(frame.head) as ApartAnswer;
	const [stdout, stderr] = [frame.body.subarray(0, outLength), frame.body.subarray(outLength).toString()];
	if (error === undefined && status === 0) return stdout;
	const message = error ?? `Command failed: ${[file, ...args].join(' ')}\n${stderr}`;
	throw Object.assign(new Error(message), {status, signal, stdout: stdout.toString(), stderr});
};
