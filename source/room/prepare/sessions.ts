import {closeSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, statSync, writeFileSync} from 'node:fs';
import {basename, dirname, join, relative} from 'node:path';
import type {Cli} from '../../harnesses/shared/cli.ts';
import type {HomeFolder} from '../../harnesses/shared/home.ts';
import type {SessionFacts, SessionStore} from '../../harnesses/shared/sessions.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A session of the user that a CLI keeps. */
export type UserSession = SessionFacts & {
	readonly cli: string;
	readonly id: string;
	readonly file: string;
	/** Last change, epoch ms. */
	readonly at: number;
};

/** How much of the beginning and of the end of a file is read, bytes: a title may be in either. */
const HEAD = 192 * 1024;
const TAIL = 64 * 1024;
/** Beyond so many files of a CLI the oldest are left out. */
const MOST = 300;

/** The folder in which the CLI keeps its own; '' without a home. */
const rootOf = ({variable, inVariable = '', below}: SessionStore, environment: Environment): string => {
	const named = environment[variable];
	return named?.startsWith('/') ? join(named, inVariable) : environment.HOME ? join(environment.HOME, below) : '';
};

const entriesOf = (folder: string) => {
	try {
		return readdirSync(folder, {withFileTypes: true});
	} catch {
		return [];
	}
};

type Found = {readonly id: string; readonly file: string; readonly at: number};

const filesIn = (store: SessionStore, folder: string, depth: number): readonly Found[] =>
	entriesOf(folder).flatMap((entry): readonly Found[] => {
		const path = join(folder, entry.name);
		if (depth > 0) return entry.isDirectory() ? filesIn(store, path, depth - 1) : [];
		const id = entry.isFile() ? store.idOf(entry.name) : undefined;
		const at = id === undefined ? undefined : statSync(path, {throwIfNoEntry: false})?.mtimeMs;
		return id === undefined || at === undefined ? [] : [{id, file: path, at}];
	});

const linesOf = (file: string): readonly string[] => {
	const size = statSync(file).size;
	const descriptor = openSync(file, 'r');
	try {
		const part = (from: number, most: number): string => {
			const bytes = Buffer.alloc(Math.max(0, Math.min(most, size - from)));
			return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, from)).toString('utf8');
		};
		return `${part(0, HEAD)}\n${size > HEAD ? part(Math.max(HEAD, size - TAIL), TAIL) : ''}`.split('\n');
	} finally {
		closeSync(descriptor);
	}
};

/** The folder that the file next to a session names; '' for none. */
const cwdBeside = ({cwdFile}: SessionStore, file: string): string =>
	cwdFile === undefined ? '' : readFileSync(join(dirname(file), cwdFile), 'utf8').trim();

/** The sessions of this CLI, newest first. One that cannot be read, or names no folder, has '' for it. */
export const sessionsOf = ({name, sessions}: Cli, environment: Environment): readonly UserSession[] => {
	const root = sessions && rootOf(sessions, environment);
	if (!sessions || !root) return [];
	const files = filesIn(sessions, join(root, sessions.inside), sessions.depth).toSorted((one, other) => other.at - one.at);
	return files.slice(0, MOST).flatMap((found): readonly UserSession[] => {
		try {
			const facts = sessions.read(linesOf(found.file));
			const cwd = facts.cwd || cwdBeside(sessions, found.file);
			return cwd === '' || cwd.startsWith('/') ? [{cli: name, ...found, ...facts, cwd}] : [];
		} catch {
			return [{cli: name, ...found, cwd: '', title: ''}];
		}
	});
};

/** The pid of the program in which a session runs, as its CLI says; 0 if it says none. It may have ended. */
export const pidOf = ({sessions}: Cli, id: string, environment: Environment): number => {
	const root = sessions && rootOf(sessions, environment);
	const running = sessions?.running;
	if (!running || !root) return 0;
	for (const {name} of entriesOf(join(root, running.inside))) {
		try {
			const told = running.read(readFileSync(join(root, running.inside, name), 'utf8'));
			if (told?.id === id) return told.pid;
		} catch {
			// It has just ended.
		}
	}
	return 0;
};

/** Where sessions of the room's own agents are kept that a task continues in a copy: as a home of its own. */
export const keptHome = (stateFolder: string): string => join(stateFolder, 'forked');

type Place = {readonly root: string; readonly found: Found};

/** A session of the user, or else one that was kept; undefined if it is not there (any more). */
const placeOf = ({sessions}: Cli, id: string, environment: Environment, stateFolder: string): Place | undefined => {
	for (const each of [environment, {HOME: keptHome(stateFolder)}]) {
		const root = sessions && rootOf(sessions, each);
		const found =
			sessions && root ? filesIn(sessions, join(root, sessions.inside), sessions.depth).find(file => file.id === id) : undefined;
		if (root && found) return {root, found};
	}
	return undefined;
};

/** The kept export of a session; '' for CLIs that have files of sessions, and if it is not there (any more). */
export const sessionText = (cli: Cli, id: string, environment: Environment, stateFolder: string): string => {
	const place = cli.sessions?.byProgram && placeOf(cli, id, environment, stateFolder);
	return place ? readFileSync(place.found.file, 'utf8') : '';
};

/** Keeps the export of a session, for the agent that continues a copy. Throws if it cannot be written. */
export const keepExported = ({sessions}: Cli, id: string, text: string, stateFolder: string): void => {
	if (!sessions) return;
	const kept = join(keptHome(stateFolder), sessions.below, sessions.inside, `${id}.json`);
	mkdirSync(dirname(kept), {recursive: true, mode: 0o700});
	writeFileSync(kept, text, {mode: 0o600});
};

/** The file that a running session of a CLI without files of sessions has open; '' for other CLIs. */
export const openedBy = ({sessions}: Cli, environment: Environment): string => {
	const root = sessions && rootOf(sessions, environment);
	return sessions?.byProgram && root ? join(root, sessions.byProgram.opens) : '';
};

/** What a session says of itself; undefined if it is not there (any more). */
export const sessionFacts = (cli: Cli, id: string, environment: Environment, stateFolder: string): SessionFacts | undefined => {
	const place = placeOf(cli, id, environment, stateFolder);
	try {
		return place && cli.sessions?.read(linesOf(place.found.file));
	} catch {
		return undefined;
	}
};

/** The path of the file of a session, in a sandbox that of its copy; '' if it is not there (any more). */
export const sessionPath = (
	cli: Cli,
	id: string,
	environment: Environment,
	{stateFolder, isSandboxed}: {readonly stateFolder: string; readonly isSandboxed: boolean},
): string => {
	const place = placeOf(cli, id, environment, stateFolder);
	if (!place || !cli.sessions) return '';
	const {root, found} = place;
	return isSandboxed ? join(rootOf(cli.sessions, environment), relative(root, found.file)) : found.file;
};

/** Whether a session of the user, or one that was kept, is there. */
export const hasSession = (cli: Cli, id: string, environment: Environment, stateFolder: string): boolean =>
	placeOf(cli, id, environment, stateFolder) !== undefined;

/** The file of a session below the folder of its CLI, as a part of a private home; undefined if it is not there (any more). */
export const sessionFile = (cli: Cli, id: string, environment: Environment, stateFolder: string): HomeFolder | undefined => {
	const place = placeOf(cli, id, environment, stateFolder);
	// An export goes with the launch.
	if (!place || !cli.sessions || cli.sessions.byProgram) return undefined;
	const {variable, inVariable, below} = cli.sessions;
	const {root, found} = place;
	const from = root.startsWith(`${keptHome(stateFolder)}/`) ? {from: root} : {};
	return {variable, ...(inVariable ? {inVariable} : {}), below, copied: [relative(root, found.file)], ...from};
};

/**
 * Keeps a copy of the session in this file, without the line that is being written. Returns its id in the store of its CLI; undefined if the file is
 * none of its sessions.
 */
export const keepSession = ({sessions}: Cli, file: string, stateFolder: string): string | undefined => {
	const id = sessions?.idOf(basename(file));
	if (!sessions || id === undefined) return undefined;
	const text = readFileSync(file, 'utf8');
	const kept = join(keptHome(stateFolder), sessions.below, sessions.inside, ...file.split('/').slice(-1 - sessions.depth));
	mkdirSync(dirname(kept), {recursive: true, mode: 0o700});
	writeFileSync(kept, text.slice(0, text.lastIndexOf('\n') + 1), {mode: 0o600});
	return id;
};
