/** Length of a sequence at the beginning of some bytes, `more` when it may still become one, `none` when it cannot. */
export type Span = number | 'more' | 'none';

/** `ESC [` parameters, intermediates, one final byte; also `ESC [ [ A` of the Linux console. */
export const readCsi = (bytes: Uint8Array, limit: number): Span => {
	let at = bytes[2] === 0x5b ? 3 : 2;
	for (; at < bytes.length; at++) {
		if (at >= limit) return 'none';
		const byte = bytes[at] ?? 0;
		if (byte >= 0x40 && byte < 0x7f) return at + 1;
		if (byte < 0x20 || byte > 0x3f) return 'none';
	}
	return 'more';
};

/** `ESC ]`, `ESC P` and the like up to BEL or `ESC \`. Longer than `limit`, or broken off by another sequence: none. */
export const readString = (bytes: Uint8Array, limit: number): Span => {
	for (let at = 2; at < bytes.length; at++) {
		if (at >= limit) return 'none';
		const byte = bytes[at] ?? 0;
		if (byte === 0x07) return at + 1;
		if (byte === 0x1b) {
			const next = bytes[at + 1];
			return next === undefined ? 'more' : next === 0x5c ? at + 2 : 'none';
		}
		// What a terminal answers is plain text: a line end or a control says that a person typed alt and a bracket.
		if (byte < 0x20 || byte === 0x7f) return 'none';
	}
	return 'more';
};
