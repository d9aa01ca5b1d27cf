import {closeSync, openSync, readdirSync, readFileSync, readSync, statSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
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

/** The sessions of this CLI, newest first. What cannot be read, or says no folder, is left out. */
export const sessionsOf = ({name, sessions}: Cli, environment: Environment): readonly UserSession[] => {
	const root = sessions && rootOf(sessions, environment);
	if (!sessions || !root) return [];
	const files = filesIn(sessions, join(root, sessions.inside), sessions.depth).toSorted((one, other) => other.at - one.at);
	return files.slice(0, MOST).flatMap((found): readonly UserSession[] => {
		try {
			const facts = sessions.read(linesOf(found.file));
			const cwd = facts.cwd || cwdBeside(sessions, found.file);
			return cwd.startsWith('/') ? [{cli: name, ...found, ...facts, cwd}] : [];
		} catch {
			return [];
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

/** What a session of the user says of itself; undefined if it is not there (any more). */
export const sessionFacts = ({sessions}: Cli, id: string, environment: Environment): SessionFacts | undefined => {
	const root = sessions && rootOf(sessions, environment);
	const found = sessions && root ? filesIn(sessions, join(root, sessions.inside), sessions.depth).find(file => file.id === id) : undefined;
	try {
		return found && sessions?.read(linesOf(found.file));
	} catch {
		return undefined;
	}
};

/** The path of the file of a session; '' if it is not there (any more). */
export const sessionPath = ({sessions}: Cli, id: string, environment: Environment): string => {
	const root = sessions && rootOf(sessions, environment);
	if (!sessions || !root) return '';
	return filesIn(sessions, join(root, sessions.inside), sessions.depth).find(file => file.id === id)?.file ?? '';
};

/** The file of a session below the folder of its CLI, as a part of a private home; undefined if it is not there (any more). */
export const sessionFile = ({sessions}: Cli, id: string, environment: Environment): HomeFolder | undefined => {
	const root = sessions && rootOf(sessions, environment);
	if (!sessions || !root) return undefined;
	const found = filesIn(sessions, join(root, sessions.inside), sessions.depth).find(file => file.id === id);
	const {variable, inVariable, below} = sessions;
	return found && {variable, ...(inVariable ? {inVariable} : {}), below, copied: [relative(root, found.file)]};
};
