import {closeSync, openSync, readdirSync, readlinkSync, readSync} from 'node:fs';
import {platform} from './platform.ts';

/** Whether the system has /proc; otherwise `ps` is used. */
export const hasProc = platform.processes === 'proc';

/** /proc files report size 0, for which `readFileSync` allocates 64 KB each; a scan reads hundreds. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** A /proc file; '' if missing or unreadable. */
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
		// It ended in between.
		return '';
	} finally {
		closeSync(descriptor);
	}
};

let boot: string | undefined;

/** The id of this boot; '' without /proc. Start times and inodes are only comparable within it. */
export const bootId = (): string => {
	boot ??= readProc('/proc/sys/kernel/random/boot_id').trim();
	return boot;
};

/** The target of a /proc link, '' if unreadable. */
export const readProcLink = (file: string): string => {
	try {
		return readlinkSync(file);
	} catch {
		return '';
	}
};

/** Pids of this machine; none without /proc. */
export const procPids = (): readonly number[] =>
	hasProc ? readdirSync('/proc').flatMap(name => (name >= '1' && name < ':' ? [Number(name)] : [])) : [];

/** Words of a process's command line; [] if it is gone or a zombie. */
export const argumentsOf = (pid: number): readonly string[] => readProc(`/proc/${pid}/cmdline`, 'utf8').split('\0');

/** Targets of a process's descriptors, if this user may read them. */
export const openFilesOf = (pid: number): readonly string[] => {
	try {
		return readdirSync(`/proc/${pid}/fd`).map(descriptor => readProcLink(`/proc/${pid}/fd/${descriptor}`));
	} catch {
		return [];
	}
};

/** /proc's view of a process, also a zombie. `start` counts from boot. */
export type Stat = {
	readonly state: string;
	readonly parent: number;
	readonly group: number;
	readonly session: number;
	readonly start: string;
};

/** Ended, and waiting for its parent. */
export const isEnded = ({state}: Stat): boolean => 'ZXx'.includes(state);

/** Undefined if it is gone, or without /proc. */
export const statOf = (pid: number): Stat | undefined => {
	const stat = readProc(`/proc/${pid}/stat`);
	// The parenthesised name may contain anything, so fields count from the last parenthesis.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [state = '', parent, group, session] = fields;
	return state === ''
		? undefined
		: {state, parent: Number(parent), group: Number(group), session: Number(session), start: fields[19] ?? ''};
};
