/**
 * The names and values of an entry of the record, as the judges read them: `type`, `task`, ... and the fields that were written, `t:state` and so
 * on. The room packs them into one JSON object with a list for each group; what is not packed stands as it is. Knows nothing of the room.
 */
export const namesAndValues = (fields: readonly string[]): readonly string[] => {
	const [name, packed = ''] = fields;
	if (name !== 'event' || fields.length !== 2) return fields;
	return Object.entries(JSON.parse(packed) as Record<string, string | readonly string[]>).flatMap(([key, value]) =>
		typeof value === 'string' ? [key, value] : value.map((word, at) => (at % 2 === 0 ? `${key}:${word}` : String(word))),
	);
};
