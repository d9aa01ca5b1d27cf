/** Fractional bits of square and cube roots of the first primes, as the standard (FIPS 180-4) takes them. */
const fraction = (value: number): number => Math.floor((value - Math.floor(value)) * 2 ** 32) >>> 0;

const primes = (count: number): readonly number[] => {
	const found: number[] = [];
	for (let n = 2; found.length < count; n++) if (found.every(prime => n % prime !== 0)) found.push(n);
	return found;
};

const K = primes(64).map(prime => fraction(Math.cbrt(prime)));
const START = primes(8).map(prime => fraction(Math.sqrt(prime)));

const rotate = (word: number, by: number): number => (word >>> by) | (word << (32 - by));
const at = (words: ArrayLike<number>, index: number): number => words[index] ?? 0;

/** The message in whole blocks of 64 bytes: a one bit, zeros, and its length in bits. */
const padded = (bytes: Uint8Array): Uint8Array => {
	const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
	blocks.set(bytes);
	blocks[bytes.length] = 0x80;
	new DataView(blocks.buffer).setUint32(blocks.length - 4, bytes.length * 8);
	return blocks;
};

const schedule = (block: DataView): Uint32Array => {
	const words = new Uint32Array(64);
	for (let i = 0; i < 16; i++) words[i] = block.getUint32(i * 4);
	for (let i = 16; i < 64; i++) {
		const [early, late] = [at(words, i - 15), at(words, i - 2)];
		const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
		const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
		words[i] = at(words, i - 16) + s0 + at(words, i - 7) + s1;
	}
	return words;
};

const compress = (state: readonly number[], block: DataView): readonly number[] => {
	const words = schedule(block);
	let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
	for (let i = 0; i < 64; i++) {
		const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
		const t1 = (h + s1 + ((e & f) ^ (~e & g)) + at(K, i) + at(words, i)) | 0;
		const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
		const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
		[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
	}
	return [a, b, c, d, e, f, g, h].map((word, index) => (word + at(state, index)) >>> 0);
};

/** SHA-256 of a text in UTF-8, in hex. Written out because the pure floor knows no Node module; for short texts. */
export const sha256 = (text: string): string => {
	const bytes = padded(new TextEncoder().encode(text));
	let state: readonly number[] = START;
	for (let offset = 0; offset < bytes.length; offset += 64) state = compress(state, new DataView(bytes.buffer, offset, 64));
	return state.map(word => word.toString(16).padStart(8, '0')).join('');
};
