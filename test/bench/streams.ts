import {execFileSync} from 'node:child_process';
import {closeSync, constants, mkdirSync, openSync, writeSync} from 'node:fs';
import {join} from 'node:path';

/** Lines as agents print them: plain, dim and coloured, of usual lengths. The same in every run. */
const LINES = [
	'\x1b[1m●\x1b[m Reading \x1b[36msource/session.ts\x1b[m to see where the cache is filled\r\n',
	'  \x1b[2m└ 214 lines\x1b[m\r\n',
	'\x1b[32m✓\x1b[m 38 tests passed, \x1b[31m2 failed\x1b[m in 3.21 s \x1b[2m(session, cache)\x1b[m\r\n',
	'    \x1b[32m+ const entry = cache.get(key) ?? fill(key, await read(path));\x1b[m\r\n',
	'    \x1b[31m- const entry = cache.get(key);\x1b[m\r\n',
	'The second reader must not see an entry that is filled only by half, so the write comes first.\r\n',
] as const;

/** `count` lines from the `from`th on, each with its number: no two screens of them are the same. */
export const agentLines = (from: number, count: number): string =>
	Array.from({length: count}, (_, index) => `\x1b[2m${from + index}\x1b[m ${LINES[(from + index) % LINES.length]}`).join('');

/** Named pipes, one for each pane: `cat` in the pane prints what is fed, so that every program gets the same bytes at the same moments. */
export type Pipes = {
	readonly files: readonly string[];
	/** Feeds each of the pipes `bytesASecond`, in slices every `everyMs`, until the answer is called. What a reader leaves is dropped. */
	feed(pipes: readonly number[], options: {readonly everyMs: number; readonly slice: (turn: number) => string}): () => void;
	/** Bytes that were taken so far: what a busy machine left unread does not count. */
	taken(): number;
	close(): void;
};

export const createPipes = (folder: string, names: readonly string[]): Pipes => {
	mkdirSync(folder, {recursive: true});
	const files = names.map(name => join(folder, name));
	execFileSync('mkfifo', files);
	// For reading too: opening waits for nobody, and a reader that comes and goes ends nothing.
	const handles = files.map(file => openSync(file, constants.O_RDWR | constants.O_NONBLOCK));
	let taken = 0;
	const put = (handle: number, bytes: Buffer): void => {
		try {
			taken += writeSync(handle, bytes);
		} catch {
			// The pipe is full: it is dropped.
		}
	};
	return {
		files,
		feed: (pipes, {everyMs, slice}) => {
			let turn = 0;
			const timer = setInterval(() => {
				const bytes = Buffer.from(slice(turn++));
				for (const pipe of pipes) put(handles[pipe] ?? -1, bytes);
			}, everyMs);
			return () => clearInterval(timer);
		},
		taken: () => taken,
		close: () => {
			for (const handle of handles) closeSync(handle);
		},
	};
};

/** 30 KB/s a pane, as a busy agent prints. */
export const STREAM = {everyMs: 50, slice: (turn: number): string => agentLines(turn * 24, 24)} as const;
/** 20 lines a second. */
export const LINES_20 = {everyMs: 50, slice: (turn: number): string => agentLines(turn, 1)} as const;
/** 100 KB/s. */
export const STREAM_100 = {everyMs: 50, slice: (turn: number): string => agentLines(turn * 80, 80)} as const;

/** What a pane of the benchmarks runs: says that it is ready, then prints what comes through its pipe. */
export const streamCommand = (file: string): readonly string[] => ['sh', '-c', 'stty raw -echo; echo ready; exec cat "$0"', file];
/** Echoes what is typed, raw, and says first that it is ready. */
export const ECHO_COMMAND = ['sh', '-c', 'stty raw -echo; echo ready; exec cat'] as const;
