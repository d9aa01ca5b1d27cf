import {closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, readlinkSync, realpathSync, statSync} from 'node:fs';
import {basename, dirname, join, resolve, sep} from 'node:path';
import {CommandError, EXIT} from '../parse/command.ts';

const refuse = (message: string, hint = ''): CommandError => new CommandError('config', message, hint, EXIT.usage);

const real = (path: string): string | undefined => {
	try {
		return realpathSync(path);
	} catch {
		return undefined;
	}
};

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(folder + sep);

/** The path inside a folder, whatever name leads to it, without resolving links inside. Undefined if it is outside. */
const entryInto = (path: string, folder: string): string | undefined => {
	const top = real(folder) ?? resolve(folder);
	const walk = (at: string, rest: string): string | undefined => {
		const here = real(at);
		if (here !== undefined && isBelow(here, top)) {
			// Takes the outermost match: deeper parts may be links that lead out.
			const outer = at === dirname(at) ? undefined : walk(dirname(at), join(basename(at), rest));
			return outer ?? join(here, rest);
		}
		return at === dirname(at) ? undefined : walk(dirname(at), join(basename(at), rest));
	};
	return walk(resolve(path), '');
};

/** Whether a file is in one of these folders, by any name. */
export const isInside = (path: string, folders: readonly string[]): boolean =>
	folders.some(folder => entryInto(path, folder) !== undefined);

/** The first link between `top` and `path`, both real names. */
const linkOnTheWay = (path: string, top: string): string | undefined => {
	const steps = path.slice(top.length).split(sep).filter(Boolean);
	let at = top;
	for (const step of steps) {
		at = join(at, step);
		if (lstatSync(at, {throwIfNoEntry: false})?.isSymbolicLink()) return at;
	}
	return undefined;
};

const readDescriptor = (path: string, flags: number, largest: number): Buffer => {
	const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
	try {
		const found = fstatSync(descriptor);
		if (!found.isFile()) throw refuse(`\`${path}\` is not a file.`);
		if (found.size > largest) throw refuse(`\`${path}\` is too large for a configuration.`);
		// A folder replaced by a link meanwhile shows in the file's inode.
		if ((flags & constants.O_NOFOLLOW) !== 0) {
			const now = lstatSync(path, {throwIfNoEntry: false});
			if (real(path) !== path || now?.ino !== found.ino || now.dev !== found.dev) throw refuse(`\`${path}\` changed while being read.`);
		}
		const content = readFileSync(descriptor);
		if (content.length > largest) throw refuse(`\`${path}\` is too large for a configuration.`);
		return content;
	} finally {
		closeSync(descriptor);
	}
};

/** Keeps every byte, so that different files never give the same text. */
const asText = (path: string, content: Buffer): string => {
	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(content);
	} catch {
		throw refuse(`\`${path}\` is not UTF-8.`, 'Save it as UTF-8.');
	}
};

/**
 * The text of a file in `folder`; undefined if missing. Refuses links, also of folders on the way: their target is not what you see in the
 * repository, and an agent can merge one.
 */
export const readInside = (path: string, folder: string, largest: number): string | undefined => {
	const top = real(folder) ?? resolve(folder);
	const inside = entryInto(path, folder) ?? path;
	const link = linkOnTheWay(inside, top);
	if (link !== undefined)
		throw refuse(
			`\`${link}\` is a link to \`${readlinkSync(link)}\`: the config file must be a regular file in the repository.`,
			'Put the file itself there, or use a file outside the repository with --config.',
		);
	if (!lstatSync(inside, {throwIfNoEntry: false})) return undefined;
	return asText(path, readDescriptor(inside, constants.O_NOFOLLOW, largest));
};

/** The text of the user's own file, which may be a link; undefined if missing. */
export const readOutside = (path: string, largest: number): string | undefined => {
	const found = statSync(path, {throwIfNoEntry: false});
	if (!found) return undefined;
	if (!found.isFile()) throw refuse(`\`${path}\` is not a file.`);
	return asText(path, readDescriptor(path, 0, largest));
};
