/** Reading what a program sent, whose shape nobody here decides: a field that is not there, or is another thing, is undefined. */
export const field = (value: unknown, ...path: readonly string[]): unknown =>
	path.reduce<unknown>(
		(at, name) => (typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? Reflect.get(at, name) : undefined),
		value,
	);

/** A text that is not empty. */
export const textField = (value: unknown, ...path: readonly string[]): string | undefined => {
	const found = field(value, ...path);
	return typeof found === 'string' && found !== '' ? found : undefined;
};

/** A whole number that is not below 0. */
export const countField = (value: unknown, ...path: readonly string[]): number | undefined => {
	const found = field(value, ...path);
	return typeof found === 'number' && Number.isFinite(found) && found >= 0 ? Math.round(found) : undefined;
};

export const listField = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
	const found = field(value, ...path);
	return Array.isArray(found) ? found : [];
};

/** An entry of a table by a name that comes from outside: what every object has by nature (`toString`) is none. */
export const entry = <T>(table: Readonly<Record<string, T>>, name: string | undefined): T | undefined =>
	name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

/** A line of a stream as the object that it is; undefined for anything else. */
export const parseObject = (line: string): object | undefined => {
	if (!line.startsWith('{')) return undefined;
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === 'object' && value !== null ? value : undefined;
	} catch {
		return undefined;
	}
};

/** The first line that says something, without what would not fit on one. */
export const firstLine = (text: string, most = 200): string => {
	const line =
		text
			.split('\n')
			.find(part => part.trim() !== '')
			?.trim() ?? '';
	return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

/** What a table of ours has under a foreign word: nothing that every object has by birth. */
export const lookUp = <Value>(table: Readonly<Record<string, Value>>, word: string | undefined): Value | undefined =>
	word !== undefined && Object.hasOwn(table, word) ? table[word] : undefined;
