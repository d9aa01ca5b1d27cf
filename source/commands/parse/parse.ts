import process from 'node:process';
import {nearest} from '../../core/text/refusal.ts';
import {type CommandRow, type Flag, type FlagValue, type Invocation, wrongUsage} from './command.ts';
import {errorLines, failureOf} from './print.ts';

/** `Did you mean ...?` with the nearest known word, else `otherwise`. `mark` precedes it, such as `--`. */
export const didYouMean = (word: string, known: readonly string[], otherwise = '', mark = ''): string => {
	const found = nearest(word, known);
	return found === undefined ? otherwise : `Did you mean \`${mark}${found}\`?`;
};

const pemFile = (what: string) => ({type: 'string', value: 'FILE', summary: `PEM file of ${what}`, isRare: true}) as const;

export const GLOBAL_FLAGS = {
	repo: {type: 'string', value: 'DIR', summary: 'repository to work on (default: the current folder)'},
	redis: {type: 'string', value: 'URL', summary: 'use this Redis, not the embedded one (`help redis`)'},
	redisPasswordFile: {type: 'string', value: 'FILE', summary: 'file with its password', isRare: true},
	redisCa: pemFile('the authority behind its TLS certificate'),
	redisCert: pemFile('a client certificate'),
	redisKey: pemFile('its key'),
	redisVolatile: {type: 'boolean', summary: 'accept a Redis that keeps nothing on disk', isRare: true},
	namespace: {type: 'string', value: 'NAME', summary: 'prefix of the Redis keys (default: workflow)'},
	config: {type: 'string', value: 'FILE', summary: 'read this file instead of agent-room.yaml'},
	trust: {type: 'boolean', summary: "trust the repository's config as it is now"},
	json: {type: 'boolean', summary: 'print JSON, one documented object a line'},
	help: {type: 'boolean', summary: 'show help'},
	version: {type: 'boolean', summary: 'show the version'},
} as const satisfies Record<string, Flag>;

/** A parsed command line: command ('' opens the room), arguments, flags. */
type Parsed<Row extends CommandRow> = {
	readonly command: Row;
	readonly input: readonly string[];
	readonly flags: Readonly<Record<string, FlagValue>>;
};

/** A flag's name on the command line: `until-empty`. */
export const dashed = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);

/** Flags as `--name` and `--name=VALUE`, all known and complete, and the arguments. */
export type Sorted = {readonly flags: string[]; readonly input: string[]};

/** Turns sorted flags into values by name. */
export type ReadFlags = (sorted: Sorted, flags: Readonly<Record<string, Flag>>) => Readonly<Record<string, FlagValue>>;

/**
 * Separates flags from arguments, so that text starting with a dash (`report progress "- half done"`) stays text: only a token without
 * blanks before `--` is a flag. Refuses unknown flags, missing and invalid values.
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
			throw wrongUsage(`The flag \`--${dashed(name)}\` needs a whole number${flag.value ? `: ${flag.value}` : ''}.`);
		}
	}
};

/** The first argument that is no flag or flag value, and what surrounds it. */
const splitCommand = (
	argv: readonly string[],
	flags: Readonly<Record<string, Flag>>,
): {readonly name: string; readonly before: readonly string[]; readonly behind: readonly string[]} => {
	for (let index = 0; index < argv.length; index++) {
		const token = argv[index] ?? '';
		if (token === '--') break;
		if (!token.startsWith('-')) return {name: token, before: argv.slice(0, index), behind: argv.slice(index + 1)};
		const flag = Object.entries(flags).find(([name]) => `--${dashed(name)}` === token)?.[1];
		if (flag && flag.type !== 'boolean') index++;
	}
	return {name: '', before: argv, behind: []};
};

/** Number of leading arguments that are our flags with values, of those in `names`. */
const ownFlags = (argv: readonly string[], names: readonly string[], flags: Readonly<Record<string, Flag>>): number => {
	let index = 0;
	while (index < argv.length) {
		const [word = '', value] = argv[index]?.split('=', 2) ?? [];
		const name = names.find(known => `--${dashed(known)}` === word);
		if (name === undefined) break;
		index += flags[name]?.type === 'boolean' || value !== undefined ? 1 : 2;
	}
	return Math.min(index, argv.length);
};

/**
 * Parses a command line by the table; the row '' opens the room. Refuses (exit 2) an unknown command or flag, naming the nearest, and a
 * wrong number of arguments. `--help` and `--version` win over that.
 */
export const readCommandLine = <Row extends CommandRow>(
	argv: readonly string[],
	table: readonly Row[],
	readFlags: ReadFlags,
): Parsed<Row> => {
	const opening = table.find(row => row.name === '')?.flags;
	const {name, before, behind} = splitCommand(argv, {...GLOBAL_FLAGS, ...opening});
	const command = table.find(row => row.name === name);
	if (!command) {
		const names = table.map(row => row.name).filter(Boolean);
		throw wrongUsage(`Unknown command \`${name}\`.`, didYouMean(name, names, 'See `agent-room --help`.'));
	}
	const flags = {...GLOBAL_FLAGS, ...command.flags};
	const own = command.passes ? ownFlags(behind, command.passes, flags) : behind.length;
	const sorted = sortArguments([...before, ...behind.slice(0, own)], flags);
	// A `--` in between is ours; nothing after it is parsed.
	sorted.input.push(...behind.slice(behind[own] === '--' && own < behind.length ? own + 1 : own));
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

/** Flag values without a library, for lines without flags and for agents' reports: meow alone takes longer than a report. */
export const readPlainFlags: ReadFlags = (sorted, flags) => {
	const given = Map.groupBy(sorted.flags, flag => flag.slice(2).split('=')[0] ?? '');
	const readValue = (name: string): FlagValue => {
		const texts = (given.get(dashed(name)) ?? []).map(flag => flag.slice(dashed(name).length + 3));
		const {type, isMultiple} = flags[name] ?? {type: 'string'};
		if (type === 'boolean') return given.has(dashed(name));
		if (isMultiple) return texts;
		const [text] = texts;
		return text === undefined || type === 'string' ? text : Number(text);
	};
	return Object.fromEntries(Object.keys(flags).map(name => [name, readValue(name)]));
};

export type Io = Pick<Invocation, 'print' | 'note' | 'onReaderGone'>;

/** A command's input: arguments, flags and outside access. */
export const invocationOf = ({command, input, flags}: Parsed<CommandRow>, io: Io): Invocation => ({
	command: command.name,
	input,
	flags,
	environment: process.env,
	folder: process.cwd(),
	...io,
});

/**
 * Runs a command and exits with its code. A reader that left (`agent-room events | head`) is no error; a refusal is a sentence on stderr,
 * or a JSON object with `--json`.
 */
export const endWith = async (argv: readonly string[], run: (argv: readonly string[], io: Io) => Promise<number>): Promise<void> => {
	// Without a reader it prints nothing more, but finishes: it may have to stop a Redis.
	let hasReader = true;
	let readerGone = (): void => {};
	const onReaderGone = (listener: () => void): void => {
		readerGone = listener;
	};
	process.stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE' || !hasReader) return;
		hasReader = false;
		readerGone();
	});
	process.stderr.on('error', () => {});
	const print = (line: string): void => {
		if (hasReader) process.stdout.write(`${line}\n`);
	};
	const note = (line: string): void => void process.stderr.write(`${line}\n`);
	try {
		const code = await run(argv, {print, note, onReaderGone});
		// Waits for output beyond the pipe's 64 KB, which exiting would lose. A reader that left ends the wait.
		if (process.stdout.writableLength > 0) await new Promise(resolve => process.stdout.write('', resolve));
		process.exit(code);
	} catch (error) {
		const isJson = argv.includes('--json');
		for (const line of errorLines(error, isJson, process.env.AGENT_ROOM_DEBUG === '1')) note(line);
		process.exit(failureOf(error).exitCode);
	}
};
