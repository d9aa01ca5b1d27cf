/** A flag as data; the parser, the help and the suggestions read the same row. */
export type Flag = {
	readonly type: 'string' | 'boolean' | 'number';
	readonly isMultiple?: boolean;
	/** Name of its value in the help, such as `FILE`. */
	readonly value?: string;
	readonly summary: string;
};

export type FlagValue = string | boolean | number | readonly string[] | undefined;

/** One call of a command, parsed. Everything from outside comes in through it. */
export type Invocation = {
	readonly input: readonly string[];
	readonly flags: Readonly<Record<string, FlagValue>>;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly folder: string;
	/** Prints one line that is already safe for a terminal (`plain-text.ts`). */
	print(line: string): void;
	/** Prints a note beside the result, on stderr. */
	note(line: string): void;
	/** Called once when nobody reads stdout any more; for commands that would never end by themselves. */
	onReaderGone(listener: () => void): void;
};

/** The result is the exit code. Refusals are thrown as `CommandError`. */
export type RunCommand = (invocation: Invocation) => Promise<number>;

export type Command = {
	readonly name: string;
	readonly group: 'room' | 'work' | 'team' | 'agents' | 'looking' | 'setting up';
	/** Arguments as the usage line shows them. */
	readonly arguments: string;
	/** How many positional arguments it takes. */
	readonly takes: readonly [least: number, most: number];
	readonly summary: string;
	readonly flags: Readonly<Record<string, Flag>>;
	readonly examples: readonly string[];
	/** Further explanation for `help COMMAND`, lines of at most 80 columns. */
	readonly details?: readonly string[];
	/** Loaded only when the command runs, so that no command pays for another. */
	readonly load: () => Promise<RunCommand>;
};

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
