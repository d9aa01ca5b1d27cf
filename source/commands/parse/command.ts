import {existsSync, readFileSync, statSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';
import type {Action} from '../../core/protocol/action.ts';

/** A flag as data; the parser, the help and the suggestions read the same row. */
export type Flag = {
	readonly type: 'string' | 'boolean' | 'number';
	readonly isMultiple?: boolean;
	/** Name of its value in the help, such as `FILE`. */
	readonly value?: string;
	/** The guide tells of it, the help's first page does not. */
	readonly isRare?: boolean;
	readonly summary: string;
};

export type FlagValue = string | boolean | number | readonly string[] | undefined;

/** One call of a command, parsed. Everything from outside comes in through it. */
export type Invocation = {
	readonly input: readonly string[];
	readonly flags: Readonly<Record<string, FlagValue>>;
	/** Name of the command, '' where it opens the room. */
	readonly command: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly folder: string;
	/** Prints one line that is already safe for a terminal (`print.ts`). */
	print(line: string): void;
	/** Prints a note beside the result, on stderr. */
	note(line: string): void;
	/** Called once when nobody reads stdout any more; for commands that would never end by themselves. */
	onReaderGone(listener: () => void): void;
};

/** The result is the exit code. Refusals are thrown as `CommandError`. */
export type RunCommand = (invocation: Invocation) => Promise<number>;

/** A command as the parser and the help see it. */
export type CommandRow = {
	readonly name: string;
	readonly group: 'room' | 'tasks' | 'team' | 'agents' | 'inspect' | 'setup';
	/** Arguments as the usage line shows them. */
	readonly arguments: string;
	/** How many positional arguments it takes. */
	readonly takes: readonly [least: number, most: number];
	readonly summary: string;
	readonly flags: Readonly<Record<string, Flag>>;
	/** It hands its arguments to another program: from the first one on that is none of `passes`' flags, nothing is read as a flag of ours. */
	readonly passes?: readonly string[];
	readonly examples: readonly string[];
	/** Further explanation for `help COMMAND`, lines of at most 80 columns. */
	readonly details?: readonly string[];
};

/** What a task asks a person is decided by these, also where no room runs. */
export type Decision = Extract<Action, {type: 'approve' | 'request-changes' | 'replan'}>;

/** The whole of a command: most are one action, made of what was typed. */
export type Command = CommandRow &
	(
		| {
				/** The running room is given it. */
				readonly action: (given: Invocation) => Action;
		  }
		| {readonly decision: (given: Invocation) => Decision}
		| {
				/** Loaded only when the command runs, so that no command pays for another. */
				readonly load: () => Promise<RunCommand>;
		  }
	);

/** Commands that an agent may run: those that speak for it, and the help. Every other is a person's. */
export const isForAgents = ({group, name}: Pick<CommandRow, 'group' | 'name'>): boolean => group === 'agents' || name === 'help';

/** One of the arguments, '' where it was not given. */
export const argument = ({input}: Invocation, at = 0): string => input[at] ?? '';

/** The task that a flag names, in lower case. Throws where it is missing: the command means nothing without it. */
export const idFlag = (given: Invocation, name: string): string => {
	const id = textFlag(given, name).toLowerCase();
	if (id === '') throw wrongUsage(`Missing \`--${name}\`.`, `Example: --${name} t-3`);
	return id;
};

/** An argument that is the id of a task: those are in lower case. */
export const idArgument = (invocation: Invocation, at = 0): string => argument(invocation, at).toLowerCase();

/** A flag's text, '' where it was not given. */
export const textFlag = (invocation: Invocation, name: string): string => {
	const value = invocation.flags[name];
	return typeof value === 'string' ? value : '';
};

export const isSet = (invocation: Invocation, name: string): boolean => invocation.flags[name] === true;

/** The values of a flag that may be repeated. */
export const listFlag = (invocation: Invocation, name: string): readonly string[] => {
	const value = invocation.flags[name];
	return Array.isArray(value) ? value : [];
};

/** The words of a list with commas. */
export const wordsOf = (text: string): readonly string[] =>
	text
		.split(',')
		.map(word => word.trim())
		.filter(Boolean);

/** The exit codes that scripts may rely on. */
export const EXIT = {
	ok: 0,
	failed: 1,
	usage: 2,
	notReady: 3,
	/** `status --exit-code`: a person is needed. */
	needsPerson: 4,
	/** `status --exit-code`: the base branch is red. */
	baseRed: 5,
} as const;

/** A command that cannot do what was asked. The message is one sentence with the value in backticks; the hint says what to do next. */
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

/** Something that is needed is not there yet: exit 3. */
export const notReady = (code: string, message: string, hint = ''): CommandError => new CommandError(code, message, hint, EXIT.notReady);

/** The folder of this package, from the bundle as from the source. */
export const packageRoot = (): string => {
	for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
		if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'bin'))) return folder;
	}
	throw new Error(`no package around \`${import.meta.dirname}\``);
};

/** The version of this program. Read when it is asked for: imported, the whole of `package.json` would lie in the small program of agents. */
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
		throw wrongUsage(`\`${name}\` cannot be read: ${code}.`);
	}
};
