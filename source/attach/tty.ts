import {spawn, spawnSync} from 'node:child_process';
import {writeSync} from 'node:fs';
import type {ReadStream, WriteStream} from 'node:tty';
import {ENTER, RESTORE} from './protocol.ts';
import type {Watcher} from './watcher.ts';

const WRITE_TRIES = 50;

/** Writes synchronously; gives up on a tty that is gone or stays full. */
const writeNow = (fd: number, text: string): void => {
	let bytes = Buffer.from(text);
	for (let tries = 0; bytes.length > 0 && tries < WRITE_TRIES; tries++) {
		try {
			bytes = bytes.subarray(writeSync(fd, bytes));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
		}
	}
};

const setRaw = (stdin: ReadStream, isRaw: boolean): void => {
	try {
		stdin.setRawMode(isRaw);
	} catch {
		// The tty is gone.
	}
};

/** Tty streams have a descriptor; Node's types lack it. */
export type TtyOutput = WriteStream & {readonly fd: number};

export type OwnTty = {
	readonly isOurs: () => boolean;
	/** Takes the tty: raw mode and the entering bytes. */
	enter(): void;
	/** Restores the tty synchronously; does nothing if it was not taken. */
	leave(): void;
	/** Prints for the user, after `leave`. */
	print(text: string): void;
};

/** The user's tty while the room has it. `isLines`: only prints lines; screen and modes stay. */
export const createOwnTty = ({
	stdin,
	stdout,
	watcher,
	isLines = false,
}: {
	stdin: ReadStream;
	stdout: TtyOutput;
	watcher: Watcher;
	isLines?: boolean;
}): OwnTty => {
	let isOurs = false;
	return {
		isOurs: () => isOurs,
		enter: () => {
			if (isOurs) return;
			isOurs = true;
			watcher.entered(isLines);
			setRaw(stdin, true);
			if (!isLines) writeNow(stdout.fd, ENTER);
			stdin.resume();
		},
		leave: () => {
			if (!isOurs) return;
			isOurs = false;
			stdin.pause();
			writeNow(stdout.fd, isLines ? '\r\n' : RESTORE);
			setRaw(stdin, false);
			watcher.left();
		},
		print: text => writeNow(stdout.fd, text),
	};
};

const GRACE_MS = 500;

const stty = (argument: string): string =>
	spawnSync('stty', [argument], {stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8', timeout: 1000}).stdout ?? '';

/**
 * Runs a program on this process's tty, which must have been restored. Resolves with its exit code, 128 + n after a signal, 127 if it could
 * not start. `leave` ends it; a program ended by a signal may leave tty modes, which are reset.
 */
export const runOnTty = (command: readonly string[], cwd: string, leave: AbortSignal): Promise<number> =>
	new Promise(resolve => {
		const [program = '', ...args] = command;
		const saved = stty('-g').trim();
		try {
			const child = spawn(program, args, {cwd, stdio: 'inherit'});
			let killer: NodeJS.Timeout | undefined;
			const tell = (): void => {
				child.kill('SIGHUP');
				// A stopped process gets no signal until it continues.
				child.kill('SIGCONT');
				killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
			};
			leave.addEventListener('abort', tell, {once: true});
			child.once('error', () => resolve(127));
			child.once('exit', (code, signal) => {
				leave.removeEventListener('abort', tell);
				clearTimeout(killer);
				if (signal !== null) {
					// After ctrl+s the tty takes no output, and this process would block forever.
					if (saved) stty('-ixon');
					process.stdout.write(RESTORE);
					if (saved) stty(saved);
				}
				resolve(code ?? (signal === 'SIGKILL' ? 137 : signal === 'SIGINT' ? 130 : 143));
			});
		} catch {
			resolve(127);
		}
	});
