import {createHash, randomBytes} from 'node:crypto';
import {linkSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {codeOf} from './error-code.ts';
import {bootId, readProcLink} from './proc.ts';

const readLine = (file: string): string => {
	try {
		return readFileSync(file, 'utf8').trim();
	} catch {
		return '';
	}
};

const idIn = (file: string): string => {
	const text = readLine(file);
	return /^[0-9a-f]{16}$/.test(text) ? text : '';
};

/** Returns an id that is created once and kept in this file; concurrent callers get the same. */
export const keptId = (file: string): string => {
	const known = idIn(file);
	if (known !== '') return known;
	const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
	writeFileSync(draft, `${randomBytes(8).toString('hex')}\n`, {flag: 'wx', mode: 0o600});
	try {
		linkSync(draft, file);
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		// Another process's new id wins; one torn by a full disk is replaced.
		if (idIn(file) === '') renameSync(draft, file);
	} finally {
		rmSync(draft, {force: true});
	}
	return idIn(file);
};

/** A digest of the system's id of this machine; '' if none. Cloned disks and containers of one image may share it. */
export const systemMark = (): string => {
	const text = readLine('/etc/machine-id');
	return text === '' ? '' : createHash('sha256').update(`agent-room ${text}`).digest('hex').slice(0, 8);
};

/**
 * This machine's id, created once in a folder of this user. Independent of path and host name, which machines may share. In a shared home,
 * each machine has its own file.
 */
export const machineId = (folder: string): string => keptId(join(folder, ['machine', systemMark()].filter(Boolean).join('-')));

/** Identifies this boot and container: process data is only valid within it. '' if the system does not tell. */
export const bootIdentity = (): string => [bootId(), readProcLink('/proc/self/ns/pid')].filter(Boolean).join(' ');
