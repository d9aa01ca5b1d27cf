import {existsSync, readFileSync, statSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import type {Action} from '../../core/protocol/action.ts';

/** A flag as data, for parser, help and suggestions. */
export type Flag = {
	readonly type: 'string' | 'boolean' | 'number';
	readonly isMultiple?: boolean;
	/** Name of its value in the help, such as `FILE`. */
	readonly value?: string;
	/** Only in the guide, not in the help's overview. */
	readonly isRare?: boolean;
	readonly summary: string;
};

export type FlagValue = string | boolean | number | readonly string[] | undefined;

/** A parsed call of a command, with all its outside input. */
export type Invocation = {
	readonly input: readonly string[];
	readonly flags: Readonly<Record<string, FlagValue>>;
	/** Name of the command, '' for opening the room. */
	readonly command: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly folder: string;
	/** Prints a line that is already safe for a terminal (`print.ts`). */
	print(line: string): void;
	/** Prints a note on stderr. */
	note(line: string): void;
	/** Called once when stdout's reader has left, for endless commands. */
	onReaderGone(listener: () => void): void;
};

/** Resolves with the exit code. Refusals are thrown as `CommandError`. */
export type RunCommand = (invocation: Invocation) => Promise<number>;

export type CommandRow = {
	readonly name: string;
	readonly group: 'room' | 'tasks' | 'team' | 'agents' | 'inspect' | 'setup';
	/** Arguments as in the usage line. */
	readonly arguments: string;
	readonly takes: readonly [least: number, most: number];
	readonly summary: string;
	readonly flags: Readonly<Record<string, Flag>>;
	/** Passes its arguments to another program: from the first that is none of `passes`' flags, ours are not parsed. */
	readonly passes?: readonly string[];
	readonly examples: readonly string[];
	/** Details for `help COMMAND`, lines of at most 80 columns. */
	readonly details?: readonly string[];
};

/** Actions that answer what a task asks, even without a room. */
export type Decision = Extract<Action, {type: 'approve' | 'request-changes' | 'replan'}>;

/** A command: mostly an action built from the arguments. */
export type Command = CommandRow &
	(
		| {
				/** Sent to the running room. */
				readonly action: (given: Invocation) => Action;
		  }
		| {readonly decision: (given: Invocation) => Decision}
		| {
				/** Loaded on demand, so that no command pays for another. */
				readonly load: () => Promise<RunCommand>;
		  }
	);

/** Commands that agents may run: their own and the help. All others are for humans. */
export const isForAgents = ({group, name}: Pick<CommandRow, 'group' | 'name'>): boolean => group === 'agents' || name === 'help';

/** An argument, '' if missing. */
export const argument = ({input}: Invocation, at = 0): string => input[at] ?? '';

/** A flag's task id, in lower case. Throws if missing. */
export const idFlag = (given: Invocation, name: string): string => {
	const id = textFlag(given, name).toLowerCase();
	if (id === '') throw wrongUsage(`Missing \`--${name}\`.`, `Example: --${name} t-3`);
	return id;
};

/** An argument as task id, in lower case. */
export const idArgument = (invocation: Invocation, at = 0): string => argument(invocation, at).toLowerCase();

/** A flag's text, '' if missing. */
export const textFlag = (invocation: Invocation, name: string): string => {
	const value = invocation.flags[name];
	return typeof value === 'string' ? value : '';
};

export const isSet = (invocation: Invocation, name: string): boolean => invocation.flags[name] === true;

/** Values of a repeatable flag. */
export const listFlag = (invocation: Invocation, name: string): readonly string[] => {
	const value = invocation.flags[name];
	return Array.isArray(value) ? value : [];
};

/** Words of a comma-separated list. */
export const wordsOf = (text: string): readonly string[] =>
	text
		.split(',')
		.map(word => word.trim())
		.filter(Boolean);

/** Exit codes that scripts may rely on. */
export const EXIT = {
	ok: 0,
	failed: 1,
	usage: 2,
	notReady: 3,
	/** `status --exit-code`: needs input. */
	needsPerson: 4,
	/** `status --exit-code`: the base branch fails its tests. */
	baseRed: 5,
} as const;

/** A command's failure: a sentence with the value in backticks, and a hint what to do next. */
export class CommandError extends Error {
	readonly code: string;
	readonly hint: string;
	readonly exitCode: number;

	constructor(code: string, message: string, hint = '', exitCode: number = EXIT.failed) {
		super(message);
		this.name = 'CommandError';
		this.code = code;
		this.hint = hint;
		this.exitCode = exitCode;
	}
}

/** Wrong usage: exit 2. */
export const wrongUsage = (message: string, hint = ''): CommandError => new CommandError('usage', message, hint, EXIT.usage);

/** Something required is missing: exit 3. */
export const notReady = (code: string, message: string, hint = ''): CommandError => new CommandError(code, message, hint, EXIT.notReady);

/** This package's folder, from bundle or source. */
export const packageRoot = (): string => {
	for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'bin'))) return folder;
	}
	throw new Error(`no package around \`${import.meta.dirname}\``);
};

/** This program's version. Read on demand: importing `package.json` would put it whole into the agents' small program. */
export const programVersion = (): string => {
	const {version}: {version: string} = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
	return version;
};

const LARGEST = 500_000;

/** The text of a file, or of stdin for `-`. */
export const readText = (invocation: Invocation, name: string): string => {
	const file = name === '-' ? 0 : resolve(invocation.folder, name);
	try {
		if (file !== 0 && statSync(file).size > LARGEST) throw wrongUsage(`\`${name}\` is too large.`, 'Use at most 500 KB.');
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof CommandError) throw error;
		const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
		const what = code === 'ENOENT' ? `The file \`${name}\` does not exist.` : `The file \`${name}\` cannot be read: ${code}.`;
		throw wrongUsage(what, 'Give a file, or `-` for stdin.');
	}
};
