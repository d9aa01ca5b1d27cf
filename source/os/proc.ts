import {closeSync, openSync, readdirSync, readlinkSync, readSync} from 'node:fs';
import {platform} from 'node:process';

/** Whether this system tells of its processes in /proc; elsewhere `ps` does. */
export const hasProc = platform === 'linux';

/** Files of /proc say that they are empty, for which `readFileSync` takes 64 KB of memory each time; hundreds are read in one look. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** A file of /proc; '' if it is gone or may not be read. */
export const readProc = (file: string, encoding: 'latin1' | 'utf8' = 'latin1'): string => {
	let descriptor: number;
	try {
		descriptor = openSync(file, 'r');
	} catch {
		return '';
	}
	try {
		let text = '';
		for (;;) {
			const count = readSync(descriptor, buffer, 0, buffer.length, null);
			text += buffer.toString('latin1', 0, count);
			if (count < buffer.length) return encoding === 'latin1' ? text : Buffer.from(text, 'latin1').toString('utf8');
		}
	} catch {
		// It ended between the two.
		return '';
	} finally {
		closeSync(descriptor);
	}
};

let boot: string | undefined;

/** What this run of the system is called; '' if there is no /proc. Start times and inodes mean something within it alone. */
export const bootId = (): string => {
	boot ??= readProc('/proc/sys/kernel/random/boot_id').trim();
	return boot;
};

/** Where a link of /proc leads to, '' if it may not be read. */
export const readProcLink = (file: string): string => {
	try {
		return readlinkSync(file);
	} catch {
		return '';
	}
};

/** The processes of this machine at this moment; none if there is no /proc. */
export const procPids = (): readonly number[] =>
	hasProc ? readdirSync('/proc').flatMap(name => (name >= '1' && name < ':' ? [Number(name)] : [])) : [];

/** The words of a process's command line; [] if it is gone or a zombie. */
export const argumentsOf = (pid: number): readonly string[] => readProc(`/proc/${pid}/cmdline`, 'utf8').split('\0');

/** What a process has open: where each of its descriptors leads to, as far as this user may look. */
export const openFilesOf = (pid: number): readonly string[] => {
	try {
		return readdirSync(`/proc/${pid}/fd`).map(descriptor => readProcLink(`/proc/${pid}/fd/${descriptor}`));
	} catch {
		return [];
	}
};

/** What /proc tells of one process, zombies too. `start` counts from the boot. */
export type Stat = {
	readonly state: string;
	readonly parent: number;
	readonly group: number;
	readonly session: number;
	readonly start: string;
};

/** States of one that has ended, and only waits for its parent. */
export const isEnded = ({state}: Stat): boolean => 'ZXx'.includes(state);

/** Undefined if it is gone, or there is no /proc. */
export const statOf = (pid: number): Stat | undefined => {
	const stat = readProc(`/proc/${pid}/stat`);
	// The name in parentheses may hold anything, so fields are counted from the last parenthesis.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [state = '', parent, group, session] = fields;
	return state === ''
		? undefined
		: {state, parent: Number(parent), group: Number(group), session: Number(session), start: fields[19] ?? ''};
};
