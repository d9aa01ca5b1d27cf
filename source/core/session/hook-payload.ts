/** Longest payload of a hook that the room is sent, characters of JSON. */
export const PAYLOAD_LIMIT = 256 * 1024;
/** Sent as it came: nothing in it can be too long for a card. */
const SMALL = 16 * 1024;
/** What is kept of one text: a command or a change to be judged by a person, and what came of a tool, which nobody judges here. */
const TEXT_KEPT = 64 * 1024;
const RESULT_KEPT = 1024;
const ITEMS_KEPT = 200;
const DEEPEST = 12;

/** What tools answered with: long, and said by no sign. */
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
 * The payload of a hook as the room is sent it: as it came where it is small, otherwise with its long texts cut, results first, so that it stays
 * JSON with every field that a sign is read from. '' where it is no JSON and too long.
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
