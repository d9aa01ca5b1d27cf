/** What a value of `-c key=value` is made of. */
export type TomlValue = string | number | boolean | readonly TomlValue[] | {readonly [key: string]: TomlValue};

/** A TOML basic string: whatever stands in it, quotes, newlines, controls, lone halves of a pair, it stays one string. */
export const tomlString = (text: string): string =>
	`"${text
		.toWellFormed()
		.replace(/[\\"]/g, '\\$&')
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;

/** A value in one line of TOML. Keys are always quoted. */
export const tomlValue = (value: TomlValue): string => {
	if (typeof value === 'string') return tomlString(value);
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (isList(value)) return `[${value.map(tomlValue).join(',')}]`;
	return `{${Object.entries(value)
		.map(([key, inner]) => `${tomlString(key)}=${tomlValue(inner)}`)
		.join(',')}}`;
};

const isList = (value: TomlValue): value is readonly TomlValue[] => Array.isArray(value);

/** The arguments that set keys of Codex's configuration for one run. Names of keys are ours; values may be anything. */
export const settings = (values: {readonly [key: string]: TomlValue}): readonly string[] =>
	Object.entries(values).flatMap(([key, value]) => ['-c', `${key}=${tomlValue(value)}`]);
