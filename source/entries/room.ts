import {closeSync, readFileSync, writeSync} from 'node:fs';
import {text} from 'node:stream/consumers';
import {createConfigSource} from '../commands/client/reread.ts';
import {createTerminals} from '../commands/room/terminals.ts';
import {startGitProcess} from '../git/process/worker.ts';
import {startRoom} from '../room/lifecycle/start.ts';
import type {RoomOptions} from '../room/parts/options.ts';

/** Pipe on which the starter waits for one line: `{"ok":true}` or the refusal. */
const READY_FD = 3;

/** When the small process that runs git is started, ms after the room. */
const GIT_PROCESS_MS = 300;

const tellStarter = (line: unknown): void => {
	try {
		writeSync(READY_FD, `${JSON.stringify(line)}\n`);
		closeSync(READY_FD);
	} catch {
		// Started by hand: no one waits.
	}
};

const refusalOf = (error: unknown): {ok: false; code: string; message: string; hint: string} => {
	const {code, hint, message} = error as {code?: unknown; hint?: unknown; message?: unknown};
	return {ok: false, code: String(code ?? 'failed'), message: String(message ?? error), hint: String(hint ?? '')};
};

/**
 * The room's process: `node dist/room.js OPTIONS.json`. Without terminal; its output is the log. With `told` it loads first and starts on a
 * word from stdin (`commands/client/start.ts`); if stdin closes without one, it exits.
 */
const main = async (): Promise<void> => {
	const [, , optionsFile = '', told] = process.argv;
	if (told === 'told' && (await text(process.stdin)) !== 'go\n') return process.exit(0);
	const options = JSON.parse(readFileSync(optionsFile, 'utf8')) as RoomOptions;
	const terminals = createTerminals(
		options.config,
		options.stateFolder,
		options.settings?.files.map(({path}) => path),
	);
	const starting = startRoom(options, terminals, undefined, createConfigSource(options));
	// A signal always stops the room cleanly, even one during its start.
	for (const signal of ['SIGTERM', 'SIGINT'] as const)
		process.on(signal, () => void starting.then(room => room.stop(`${signal} was received`)).catch(() => undefined));
	// A lost terminal never ends the room.
	process.on('SIGHUP', () => undefined);
	// An unhandled rejection costs a log line, not all agents of the room.
	process.on('unhandledRejection', error =>
		process.stderr.write(`unhandled rejection: ${error instanceof Error ? error.stack : String(error)}\n`),
	);
	try {
		const room = await starting;
		terminals.watch(room.store);
		tellStarter({ok: true});
		// Once the first screen stands: a fork stops this process, and the other needs a processor for itself.
		setTimeout(startGitProcess, GIT_PROCESS_MS, options);
		process.exit((await room.ended).exitCode);
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		tellStarter(refusalOf(error));
		process.exit(3);
	}
};

await main();
