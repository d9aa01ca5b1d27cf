import process from 'node:process';
import type {Invocation} from './command.ts';
import type {Parsed} from './command-line.ts';
import {errorLines, failureOf} from './error-lines.ts';

export type Io = Pick<Invocation, 'print' | 'note' | 'onReaderGone'>;

/** One call of a parsed command, with all that comes from outside. */
export const invoke = async ({command, input, flags}: Parsed, io: Io): Promise<number> => {
	const run = await command.load();
	return run({input, flags, environment: process.env, folder: process.cwd(), ...io});
};

/**
 * Runs one command and ends the process with its exit code. A reader that went away
 * (`agent-room events | head`) is no error; a refusal is one sentence on stderr, or one JSON object with `--json`.
 */
export const endWith = async (argv: readonly string[], run: (argv: readonly string[], io: Io) => Promise<number>): Promise<void> => {
	// A command whose reader has gone says nothing more, but ends in its own way: it may have a Redis to stop.
	let hasReader = true;
	let readerGone = (): void => {};
	const onReaderGone = (listener: () => void): void => {
		readerGone = listener;
	};
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE' || !hasReader) return;
		hasReader = false;
		readerGone();
	});
	process.stderr.on('error', () => {});
	const print = (line: string): void => {
		if (hasReader) process.stdout.write(`${line}\n`);
	};
	const note = (line: string): void => void process.stderr.write(`${line}\n`);
	try {
		process.exit(await run(argv, {print, note, onReaderGone}));
	} catch (error) {
		const isJson = argv.includes('--json');
		for (const line of errorLines(error, isJson, process.env.AGENT_ROOM_DEBUG === '1')) note(line);
		process.exit(failureOf(error).exitCode);
	}
};
