import {randomUUID} from 'node:crypto';
import {closeSync, mkdirSync, openSync, readdirSync, readlinkSync, realpathSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';

/**
 * The process at the other end. `told`: this system cannot check, so it is the process's own claim. `unproven`: it could be checked, and
 * failed.
 */
export type Caller = {readonly kind: 'proven' | 'told'; readonly pid: number; readonly command: string} | {readonly kind: 'unproven'};

export type Challenge = {
	/** File that the process must hold open. */
	readonly file: string;
	/** Checks the answer, '' for none, and removes the file. */
	read(answer: string): Caller;
};

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

/** An empty file with an unguessable name, as the kernel reports it; '' if impossible. With a full disk it is in memory. */
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

/** Whether open files of a process are visible: not on macOS or with a hidden /proc. */
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
 * Identifies the process of a connection, since Node does not expose a socket's peer: the process must hold a secretly named file open and
 * name the descriptor. Guarantee, where the system shows it: a `proven` pid is a process to which this connection told the name. Who can
 * make another process open a file can borrow its pid: only the sandbox keeps agents out.
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
