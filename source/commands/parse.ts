import meow from 'meow';
import type {Command, FlagValue} from './command.ts';
import {type Parsed, type ReadFlags, readCommandLine} from './command-line.ts';

/** Values of flags by name; meow reads them, the sorting before has already refused what is unknown. */
const readFlags: ReadFlags = (sorted, flags) => {
	const parsed = meow({
		importMeta: import.meta,
		argv: [...sorted.flags, '--', ...sorted.input],
		pkg: {name: 'agent-room'},
		autoHelp: false,
		autoVersion: false,
		flags: Object.fromEntries(Object.entries(flags).map(([name, {type, isMultiple}]) => [name, isMultiple ? {type, isMultiple} : {type}])),
	});
	const values: Record<string, FlagValue> = {};
	for (const name of Object.keys(flags)) values[name] = parsed.flags[name] as FlagValue;
	return values;
};

/** Reads a command line against the table (`command-line.ts`). */
export const parseCommandLine = (argv: readonly string[], table: readonly Command[]): Parsed => readCommandLine(argv, table, readFlags);
