/** An object of a foreign JSON: its fields may be anything. */
export type Fields = Readonly<Record<string, unknown>>;

/** The fields of a value, none where it is no object. Payloads change with versions: nothing is taken for granted. */
export const fieldsOf = (value: unknown): Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A text of at most `most` characters, '' where there is none. */
export const textOf = (value: unknown, most = 20_000): string => (typeof value === 'string' ? value.slice(0, most) : '');

/** A whole number from 0, 0 where there is none. */
export const countOf = (value: unknown): number =>
	typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

/** One line of foreign JSON; no fields where it is none. */
export const parseLine = (line: string): Fields => {
	try {
		return fieldsOf(JSON.parse(line));
	} catch {
		return {};
	}
};
