import process from 'node:process';
import manifest from '../package.json' with {type: 'json'};
import type {Invocation} from './commands/command.ts';
import {errorLines, failureOf} from './commands/error-lines.ts';
import {EXIT} from './commands/exit-code.ts';
import {commandHelp, helpText} from './commands/help-text.ts';
import {parseCommandLine} from './commands/parse.ts';
import {COMMANDS} from './commands/table.ts';

const run = async (argv: readonly string[], io: Pick<Invocation, 'print' | 'note' | 'onReaderGone'>): Promise<number> => {
	const {command, input, flags} = parseCommandLine(argv, COMMANDS);
	if (flags.version === true) {
		io.print(manifest.version);
		return EXIT.ok;
	}
	if (flags.help === true) {
		io.print(command.name ? commandHelp(command) : helpText(COMMANDS));
		return EXIT.ok;
	}
	const runCommand = await command.load();
	return runCommand({input, flags, environment: process.env, folder: process.cwd(), ...io});
};

/**
 * The program behind `bin/agent-room.js`: runs one command and ends the process with its exit code. A reader that went away
 * (`agent-room events | head`) is no error; a refusal is one sentence on stderr, or one JSON object with `--json`.
 */
export const main = async (argv: readonly string[]): Promise<void> => {
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
