import {writeSync} from 'node:fs';
import type {ReadStream, WriteStream} from 'node:tty';
import {ENTER, RESTORE} from './screen-bytes.ts';
import type {Watcher} from './watcher.ts';

const WRITE_TRIES = 50;

/** Writes now, whatever the event loop does; a tty that is gone or stays full is given up on. */
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
		// The tty is gone: there is nothing to put into a mode.
	}
};

/** Node knows the descriptor of a tty stream; its types do not. */
export type TtyOutput = WriteStream & {readonly fd: number};

export type OwnTty = {
	readonly isOurs: () => boolean;
	/** Takes the tty: raw mode and the entering bytes. */
	enter(): void;
	/** Gives it back as it was found, synchronously; does nothing where it was not taken. */
	leave(): void;
	/** Prints for the person, after `leave`. */
	print(text: string): void;
};

/** The person's terminal while the room has it. `isLines`: for lines alone, its screen and its modes stay as they are. */
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
