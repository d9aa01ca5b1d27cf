import meow from 'meow';
import type {FlagValue} from './command.ts';
import type {ReadFlags} from './parse.ts';

/**
 * Parses pre-sorted flags with meow, which alone takes text that starts with a dash, and `--no-json`, for flags, and exits at unknown ones
 * without hint or JSON. It loads slower than Node starts: lines without flags and reports use `readPlainFlags`.
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
