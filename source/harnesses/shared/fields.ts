/** Reads a field of foreign data; undefined if missing or of another shape. */
export const field = (value: unknown, ...path: readonly string[]): unknown =>
	path.reduce<unknown>(
		(at, name) => (typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined),
		value,
	);

export const textField = (value: unknown, ...path: readonly string[]): string | undefined => {
	const found = field(value, ...path);
	return typeof found === 'string' && found !== '' ? found : undefined;
};

/** A whole number from 0. */
export const countField = (value: unknown, ...path: readonly string[]): number | undefined => {
	const found = field(value, ...path);
	return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? Math.round(found) : undefined;
};

export const listField = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
	const found = field(value, ...path);
	return Array.isArray(found) ? found : [];
};

/** A table's own entry by a foreign name; never an inherited one (`toString`). */
export const entry = <T>(table: Readonly<Record<string, T>>, name: string | undefined): T | undefined =>
	name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

/** Parses a stream line; undefined unless it is an object. */
export const parseObject = (line: string): object | undefined => {
	if (!line.startsWith('{')) return undefined;
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null ? value : undefined;
	} catch {
		return undefined;
	}
};

/** First non-empty line, cut to `most`. */
export const firstLine = (text: string, most = 200): string => {
	const line =
		text
			.split('\n')
			.find(part => part.trim() !== '')
			?.trim() ?? '';
	return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

/** A table's own entry by a foreign word; never an inherited one. */
export const lookUp = <Value>(table: Readonly<Record<string, Value>>, word: string | undefined): Value | undefined =>
	word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
