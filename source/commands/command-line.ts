import type {Command, Flag, FlagValue} from './command.ts';
import {wrongUsage} from './command-error.ts';
import {didYouMean} from './did-you-mean.ts';
import {GLOBAL_FLAGS} from './global-flags.ts';

/** What the shell gave, taken apart: the command's name ('' opens the room), its arguments and its flags. */
export type Parsed = {
	readonly command: Command;
	readonly input: readonly string[];
	readonly flags: Readonly<Record<string, FlagValue>>;
};

export const dashed = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** Flags as `--name` and `--name=VALUE`, each known and complete, and the other arguments. */
export type Sorted = {readonly flags: string[]; readonly input: string[]};

/** Turns sorted flags into values by name. */
export type ReadFlags = (sorted: Sorted, flags: Readonly<Record<string, Flag>>) => Readonly<Record<string, FlagValue>>;

/**
 * Parts flags from arguments, so that text which merely begins with a dash (`report progress "- half done"`) stays text: only a
 * token without blanks before `--` is a flag. Refuses a flag that is not known, one without its value, and a value it does not take.
 */
const sortArguments = (argv: readonly string[], flags: Readonly<Record<string, Flag>>): Sorted => {
	const known = new Map(Object.entries(flags).map(([name, flag]) => [dashed(name), flag]));
	const sorted: Sorted = {flags: [], input: []};
	const seen = new Set<string>();
	for (let index = 0; index < argv.length; index++) {
		const token = argv[index] ?? '';
		if (token === '--') {
			sorted.input.push(...argv.slice(index + 1));
			break;
		}
		const isFlag = token.length > 1 && token.startsWith('-') && !/^-+[^=]*\s/.test(token) && !/^-\d/.test(token);
		if (!isFlag) {
			sorted.input.push(token);
			continue;
		}
		const [name = '', ...rest] = token.replace(/^--/, '').split('=');
		const flag = token.startsWith('--') ? known.get(name) : undefined;
		if (!flag) {
			const hint = didYouMean(name.replace(/^-/, ''), [...known.keys()], 'See `agent-room --help`.', '--');
			throw wrongUsage(`Unknown flag \`${token.split('=')[0]}\`.`, hint);
		}
		if (flag.type === 'boolean') {
			if (rest.length > 0) throw wrongUsage(`The flag \`--${name}\` takes no value.`);
			if (!seen.has(name)) sorted.flags.push(`--${name}`);
			seen.add(name);
			continue;
		}
		const value = rest.length > 0 ? rest.join('=') : argv[++index];
		if (value === undefined) throw wrongUsage(`The flag \`--${name}\` needs a value: ${flag.value ?? 'VALUE'}.`);
		if (seen.has(name) && !flag.isMultiple) throw wrongUsage(`The flag \`--${name}\` can be given only once.`);
		seen.add(name);
		sorted.flags.push(`--${name}=${value}`);
	}
	return sorted;
};

const checkNumbers = (values: Readonly<Record<string, FlagValue>>, flags: Readonly<Record<string, Flag>>): void => {
	for (const [name, flag] of Object.entries(flags)) {
		const value = values[name];
		if (flag.type === 'number' && value !== undefined && !Number.isSafeInteger(value)) {
			throw wrongUsage(`The flag \`--${dashed(name)}\` needs a whole number.`);
		}
	}
};

/** The first argument that is no flag, and all the others. Values of `flags` before the command are not taken for it. */
const splitCommand = (
	argv: readonly string[],
	flags: Readonly<Record<string, Flag>>,
): {readonly name: string; readonly rest: readonly string[]} => {
	for (let index = 0; index < argv.length; index++) {
		const token = argv[index] ?? '';
		if (token === '--') break;
		if (!token.startsWith('-')) return {name: token, rest: [...argv.slice(0, index), ...argv.slice(index + 1)]};
		const flag = Object.entries(flags).find(([name]) => `--${dashed(name)}` === token)?.[1];
		if (flag && flag.type !== 'boolean') index++;
	}
	return {name: '', rest: argv};
};

/**
 * Reads a command line against the table; the row named '' opens the room. Refuses (exit 2) an unknown command or flag, naming the
 * nearest, and a wrong number of arguments. `--help` and `--version` win over both counts.
 */
export const readCommandLine = (argv: readonly string[], table: readonly Command[], readFlags: ReadFlags): Parsed => {
	const opening = table.find(row => row.name === '')?.flags;
	const {name, rest} = splitCommand(argv, {...GLOBAL_FLAGS, ...opening});
	const command = table.find(row => row.name === name);
	if (!command) {
		const names = table.map(row => row.name).filter(Boolean);
		throw wrongUsage(`Unknown command \`${name}\`.`, didYouMean(name, names, 'See `agent-room --help`.'));
	}
	const flags = {...GLOBAL_FLAGS, ...command.flags};
	const sorted = sortArguments(rest, flags);
	const values = readFlags(sorted, flags);
	checkNumbers(values, flags);
	const [least, most] = command.takes;
	const isAsking = values.help === true || values.version === true;
	if (!isAsking && (sorted.input.length < least || sorted.input.length > most)) {
		const usage = `agent-room ${command.name} ${command.arguments}`.replace(/ +/g, ' ').trim();
		const word = sorted.input.length < least ? 'needs more arguments' : `does not take \`${sorted.input[most]}\``;
		throw wrongUsage(`\`${`agent-room ${command.name}`.trim()}\` ${word}.`, `Usage: ${usage}`);
	}
	return {command, input: sorted.input, flags: values};
};
