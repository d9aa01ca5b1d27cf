import {createHash, randomBytes} from 'node:crypto';
import {lstatSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {SocketAddress} from '../address.ts';
import {socketPathOf} from './files.ts';

/** The one user of a private server; the default user, as which everybody comes in who names none, may do nothing. */
export const ROOM_USER = 'room';

/** 256 random bits, so that nothing slower than one round of SHA-256 has to guard its digest. */
const PASSWORD = /^[0-9a-f]{64}$/;

/** The file of the password, next to the server's own; only its owner reads it, and nobody is told it in another way. */
export const passwordFileOf = (folder: string): string => join(folder, 'password');

/**
 * The password of the private server of `folder`; undefined if it has none yet, or the file is not one that only its owner can have
 * written.
 */
const readPassword = (folder: string): string | undefined => {
	const file = passwordFileOf(folder);
	const found = lstatSync(file, {throwIfNoEntry: false});
	if (!found?.isFile() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) return undefined;
	const text = readFileSync(file, 'utf8');
	return PASSWORD.test(text) ? text : undefined;
};

/** The same, made if there is none; for whoever holds the start lock of `folder`. */
export const ensurePassword = (folder: string): string => {
	const known = readPassword(folder);
	if (known !== undefined) return known;
	const password = randomBytes(32).toString('hex');
	const file = passwordFileOf(folder);
	// Whole or not at all, and never into what somebody else has put there.
	writeFileSync(`${file}.${process.pid}`, password, {mode: 0o600, flag: 'wx'});
	renameSync(`${file}.${process.pid}`, file);
	return password;
};

/** How the server's configuration knows a password: by its digest alone, as `ACL SETUSER` takes it. */
export const passwordDigest = (password: string): string => createHash('sha256').update(password).digest('hex');

/** The address of the private server of `folder` with what opens it. Never printed and never handed to a process: only the protocol's AUTH carries it. */
export const addressOf = (folder: string): SocketAddress => {
	const password = readPassword(folder);
	const socketPath = socketPathOf(folder);
	return password === undefined ? {socketPath} : {socketPath, username: ROOM_USER, password};
};
