export type TomlValue = string | number | boolean | readonly TomlValue[] | {readonly [key: string]: TomlValue};

/** A basic string. Quotes, newlines, control characters and lone surrogates are escaped. */
export const tomlString = (text: string): string =>
	`"${text
		.toWellFormed()
		.replace(/[\\"]/g, '\\$&')
		.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, control => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;

/** A value on one line for `-c key=value`; keys are always quoted. Writers such as `smol-toml` only make multi-line documents. */
export const tomlValue = (value: TomlValue): string => {
	if (typeof value === 'string') return tomlString(value);
	if (typeof value === 'number' || typeof value === 'boolean') return String(value);
	if (isList(value)) return `[${value.map(tomlValue).join(',')}]`;
	return `{${Object.entries(value)
		.map(([key, inner]) => `${tomlString(key)}=${tomlValue(inner)}`)
		.join(',')}}`;
};

const isList = (value: TomlValue): value is readonly TomlValue[] => Array.isArray(value);
