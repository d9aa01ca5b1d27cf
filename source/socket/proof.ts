import {randomUUID} from 'node:crypto';
import {closeSync, mkdirSync, openSync, readdirSync, readlinkSync, realpathSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';

/**
 * Which process is at the other end of a connection. `told`: this system does not let the room see, and this is what the process says of itself.
 * `unproven`: it could have been seen, and was not.
 */
export type Caller = {readonly kind: 'proven' | 'told'; readonly pid: number; readonly command: string} | {readonly kind: 'unproven'};

/** What one connection is asked. */
export type Challenge = {
	/** The file that its process is to hold open. */
	readonly file: string;
	/** Reads its answer, '' for none; the file is gone then. */
	read(answer: string): Caller;
};

/** Longest answer, bytes. */
export const ANSWER_LIMIT = 4096;

const fieldsOf = (line: string): Readonly<Record<string, unknown>> => {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null ? {...value} : {};
	} catch {
		return {};
	}
};

const wholeNumber = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0);

const heldBy = (pid: number, descriptor: number): string => {
	try {
		return readlinkSync(`/proc/${pid}/fd/${descriptor}`);
	} catch {
		return '';
	}
};

/** An empty file by a name that nobody knows, as the kernel names it; '' if none can be made. A full disk still leaves memory. */
const makeFile = (folders: readonly string[]): string => {
	for (const folder of folders) {
		const file = join(folder, randomUUID());
		try {
			closeSync(openSync(file, 'wx', 0o600));
			return join(realpathSync(folder), basename(file));
		} catch {}
	}
	return '';
};

/** Whether an open file of a process can be seen here: not on macOS, nor where /proc is hidden. */
const canSee = (folders: readonly string[]): boolean => {
	const file = makeFile(folders);
	if (file === '') return false;
	const descriptor = openSync(file, 'r');
	const isSeen = heldBy(process.pid, descriptor) === file;
	closeSync(descriptor);
	rmSync(file, {force: true});
	return isSeen;
};

/**
 * Asks connections which process they are of, since Node tells a socket's peer nowhere: the process is to hold a file open whose name nobody else knows, and
 * to say by which descriptor. Guarantee, where the system lets it be seen: a `proven` pid is that of a process which this connection has told the name
 * to. Whoever can make another process open a file can borrow its pid; that is no wall, and an agent is kept out by its sandbox alone.
 */
export const createChallenges = (folder: string): (() => Challenge) => {
	mkdirSync(folder, {recursive: true, mode: 0o700});
	for (const left of readdirSync(folder)) rmSync(join(folder, left), {force: true});
	const folders = [folder, '/dev/shm'];
	const isSeeing = canSee(folders);
	return () => {
		const file = isSeeing ? makeFile(folders) : '';
		return {
			file,
			read: answer => {
				const {pid: told, fd, command: words} = fieldsOf(answer);
				const pid = wholeNumber(told);
				const command = typeof words === 'string' ? words : '';
				if (!isSeeing) return {kind: 'told', pid, command};
				const isHeld = file !== '' && pid > 0 && heldBy(pid, typeof fd === 'number' ? fd : -1) === file;
				rmSync(file, {force: true});
				return isHeld ? {kind: 'proven', pid, command} : {kind: 'unproven'};
			},
		};
	};
};
