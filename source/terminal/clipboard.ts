/** Longest text that OSC 52 carries, bytes: with its base64 and its frame that is 100,000, where terminals stop reading. */
export const CLIP_BYTES = 74_994;

/** A text as it can be copied: at most `CLIP_BYTES` of UTF-8, cut between characters. */
export type Clip = {readonly text: string; readonly isCut: boolean};

export const clipOf = (text: string): Clip => {
	const whole = text.toWellFormed();
	const bytes = Buffer.from(whole);
	if (bytes.length <= CLIP_BYTES) return {text: whole, isCut: false};
	let end = CLIP_BYTES;
	// A byte 10xxxxxx goes on with a character that began before it.
	while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
	return {text: bytes.subarray(0, end).toString('utf8'), isCut: true};
};

/** Puts a text into the clipboard of the person's terminal. Base64 carries it: nothing in it can steer the terminal. */
export const osc52 = (text: string): string => `\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`;
