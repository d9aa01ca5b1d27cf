import type {Usage} from '../../core/cost/usage.ts';
import {parseObject} from './fields.ts';

/** What the lines of a session say of it; '' for what they do not say. */
export type SessionFacts = {
	readonly cwd: string;
	readonly title: string;
	/** What it has used so far: a copy continues these totals. */
	readonly used?: Usage | undefined;
};

export type ListedSession = {
	readonly id: string;
	readonly cwd: string;
	readonly title: string;
	/** Last change, epoch ms. */
	readonly at: number;
};

/**
 * How a CLI that keeps its sessions in no files lists and exports them: arguments of its program. The export of an adopted session is kept as a
 * file, of which a launch makes a copy.
 */
export type SessionsByProgram = {
	/** A file in its folder that a running session has open. */
	readonly opens: string;
	/** Sessions of the repository in which it runs. */
	readonly list: readonly string[];
	readList(text: string): readonly ListedSession[];
	export(id: string): readonly string[];
	/** What is kept of an export; undefined if it is not that session's. */
	toKeep(text: string, id: string): string | undefined;
};

/** Where a CLI keeps its sessions, one file each. */
export type SessionStore = {
	/** The folder: in this variable, else below home; with this folder inside. */
	readonly variable: string;
	readonly inVariable?: string;
	readonly below: string;
	readonly inside: string;
	/** How many folders deep the files are. */
	readonly depth: number;
	/** A file next to a session's that names the folder in which it ran, if its lines do not. */
	readonly cwdFile?: string;
	/** The id in the name of a file; undefined for other files. */
	idOf(name: string): string | undefined;
	/** Reads lines of its beginning and end, which may be cut. Of another version it may say nothing. */
	read(lines: readonly string[]): SessionFacts;
	readonly byProgram?: SessionsByProgram;
	/** A file below the folder that names a running session, and what it says: its id and pid. */
	readonly running?: {readonly inside: string; read(text: string): {readonly id: string; readonly pid: number} | undefined};
};

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The id at the end of a file's name, after `before`. */
export const idIn =
	(before: string) =>
	(name: string): string | undefined =>
		new RegExp(`^${before}(${UUID})\\.jsonl$`).exec(name)?.[1];

export type Line = Readonly<Record<string, unknown>>;

/** The lines that are whole objects. */
export const wholeLines = (lines: readonly string[]): readonly Line[] =>
	lines.flatMap(line => {
		const found = parseObject(line);
		return found ? [{...found}] : [];
	});

/** A prompt of the person as a title: no wrapper of the program's own, which begins with `<`. */
export const asTitle = (text: unknown): string => {
	const line = typeof text === 'string' ? text.replace(/\s+/g, ' ').trim().slice(0, 300) : '';
	return line.startsWith('<') ? '' : line;
};
