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

/** An id that is made once and kept in this file: of several that ask for it at once all get the same. */
export const keptId = (file: string): string => {
	const known = idIn(file);
	if (known !== '') return known;
	const draft = `${file}.${process.pid}-${randomBytes(4).toString('hex')}`;
	writeFileSync(draft, `${randomBytes(8).toString('hex')}\n`, {flag: 'wx', mode: 0o600});
	try {
		linkSync(draft, file);
	} catch (error) {
		if (codeOf(error) !== 'EEXIST') throw error;
		// What another has just made is taken; what a full disk has torn is replaced.
		if (idIn(file) === '') renameSync(draft, file);
	} finally {
		rmSync(draft, {force: true});
	}
	return idIn(file);
};

/** What the system says of this machine, a digest; '' if it says nothing. Copies of one disk and containers of one image may share it. */
export const systemMark = (): string => {
	const text = readLine('/etc/machine-id');
	return text === '' ? '' : createHash('sha256').update(`agent-room ${text}`).digest('hex').slice(0, 8);
};

/**
 * The id of this machine, made once and kept in a folder of this user. Neither path nor host name is in it: two machines have the same of both. Where a
 * home is shared by several machines, each has a file of its own there.
 */
export const machineId = (folder: string): string => keptId(join(folder, ['machine', systemMark()].filter(Boolean).join('-')));

/**
 * This run of the system, and within it this container: what is known of processes is known of these alone. '' if the system does not tell.
 */
export const bootIdentity = (): string => [bootId(), readProcLink('/proc/self/ns/pid')].filter(Boolean).join(' ');
