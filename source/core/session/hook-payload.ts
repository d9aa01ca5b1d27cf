/** Longest hook payload sent to the room, in characters of JSON. */
export const PAYLOAD_LIMIT = 256 * 1024;
/** Sent unchanged: nothing in it is too long for a dialog. */
const SMALL = 16 * 1024;
/** Kept length of one text: a command or a change that you judge, and of a tool result. */
const TEXT_KEPT = 64 * 1024;
const RESULT_KEPT = 1024;
const ITEMS_KEPT = 200;
const DEEPEST = 12;

/** Tool results: long, and read by no sign. */
const RESULTS = new Set(['tool_response', 'tool_output', 'llm_response', 'llm_request']);

const shortened = (value: unknown, most: number, depth = 0): unknown => {
	if (typeof value === 'string') return value.length > most ? `${value.slice(0, most)}…` : value;
	if (typeof value !== 'object' || value === null) return value;
	if (depth > DEEPEST) return null;
	if (Array.isArray(value)) return value.slice(0, ITEMS_KEPT).map(item => shortened(item, most, depth + 1));
	return Object.fromEntries(
		Object.entries(value)
			.slice(0, ITEMS_KEPT)
			.map(([name, item]) => [name, shortened(item, RESULTS.has(name) ? Math.min(most, RESULT_KEPT) : most, depth + 1)]),
	);
};

/**
 * Bounds a hook payload: small ones stay as they are, else long texts are cut, results first, so that it stays valid JSON with every field
 * that signs need. '' if it is no JSON and too long.
 */
export const boundedPayload = (payload: string): string => {
	if (payload.length <= SMALL) return payload;
	let value: unknown;
	try {
		value = JSON.parse(payload);
	} catch {
		return payload.length > PAYLOAD_LIMIT ? '' : payload;
	}
	for (let most = TEXT_KEPT; most >= 64; most /= 4) {
		const text = JSON.stringify(shortened(value, most));
		if (text.length <= PAYLOAD_LIMIT) return text;
	}
	return '';
};
