import type {FlagValue} from './command.ts';
import {dashed, type ReadFlags} from './command-line.ts';

/** Values of flags by name without a library, for lines without flags and for the program that agents start again and again: meow alone takes longer than a report. */
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
