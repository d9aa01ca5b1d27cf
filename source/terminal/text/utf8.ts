/** Bytes (0 to 3) of an unfinished UTF-8 character at the end. */
export const unfinishedTail = (bytes: Uint8Array): number => {
	for (let back = 1; back <= 3 && back <= bytes.length; back++) {
		const byte = bytes[bytes.length - back] ?? 0;
		if ((byte & 0xc0) === 0x80) continue;
		const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 && byte < 0xf0 ? 3 : byte >= 0xc0 && byte < 0xe0 ? 2 : 1;
		return length > back ? back : 0;
	}
	return 0;
};

export const joinBytes = (first: Uint8Array, second: Uint8Array): Uint8Array => {
	if (first.length === 0) return second;
	const joined = new Uint8Array(first.length + second.length);
	joined.set(first);
	joined.set(second, first.length);
	return joined;
};

/**
 * Passes whole characters on and keeps an unfinished one for the next call. xterm loses a split character whose second byte is 0x80, such
 * as `…` and typographic quotes.
 */
export const createUtf8Gate = (): ((bytes: Uint8Array) => Uint8Array) => {
	let held = new Uint8Array(0);
	return bytes => {
		const all = joinBytes(held, bytes);
		const tail = unfinishedTail(all);
		held = all.slice(all.length - tail);
		return tail === 0 ? all : all.subarray(0, all.length - tail);
	};
};
