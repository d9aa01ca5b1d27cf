import {createHash, randomBytes} from 'node:crypto';
import {lstatSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {SocketAddress} from '../address.ts';
import {socketPathOf} from './files.ts';

/** The only user of a private server; the default user, for clients without a name, has no rights. */
export const ROOM_USER = 'room';

/** 256 random bits, so that one SHA-256 round suffices for the digest. */
const PASSWORD = /^[0-9a-f]{64}$/;

/** The password file, next to the server's files; only its owner can read it, and the password is passed no other way. */
export const passwordFileOf = (folder: string): string => join(folder, 'password');

/** The private server's password; undefined if missing, or if others could have written the file. */
const readPassword = (folder: string): string | undefined => {
	const file = passwordFileOf(folder);
	const found = lstatSync(file, {throwIfNoEntry: false});
	if (!found?.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) return undefined;
	const text = readFileSync(file, 'utf8');
	return PASSWORD.test(text) ? text : undefined;
};

/** The same, created if missing; call it under the folder's start lock. */
export const ensurePassword = (folder: string): string => {
	const known = readPassword(folder);
	if (known !== undefined) return known;
	const password = randomBytes(32).toString('hex');
	const file = passwordFileOf(folder);
	// Atomic, and never into a file that someone else put there.
	writeFileSync(`${file}.${process.pid}`, password, {mode: 0o600, flag: 'wx'});
	renameSync(`${file}.${process.pid}`, file);
	return password;
};

/** A password's digest for `ACL SETUSER`, the only form in the server's configuration. */
export const passwordDigest = (password: string): string => createHash('sha256').update(password).digest('hex');

/** The private server's address with its password. Never printed or passed to a process: only AUTH carries it. */
export const addressOf = (folder: string): SocketAddress => {
	const password = readPassword(folder);
	const socketPath = socketPathOf(folder);
	return password === undefined ? {socketPath} : {socketPath, username: ROOM_USER, password};
};
