import meow from 'meow';
import type {FlagValue} from './command.ts';
import type {ReadFlags} from './parse.ts';

/**
 * Values of flags by name: here meow reads a line, once. It is given what has been sorted: by itself it takes text that starts with a dash,
 * and `--no-json`, for flags, a missing value for an empty one, and ends the process at a flag that it does not know, without a hint and
 * without JSON. It takes longer to load than Node to start: a line without flags, and all reports of agents, go without it
 * (`readPlainFlags`).
 */
export const readFlags: ReadFlags = (sorted, flags) => {
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
