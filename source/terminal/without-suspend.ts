/** Ctrl-Z as terminals send it: the control character, and the sequences of the two extended keyboard protocols. */
const SEQUENCES = ['\u001b[122;5u', '\u001b[27;5;122~'];
const SUB = 0x1a;

/** What a person typed without Ctrl-Z. `bytes` itself where there is none in it: nothing else is ever touched. */
export const withoutSuspend = (bytes: Uint8Array): Uint8Array => {
	const hasSequence = bytes.includes(0x1b) && SEQUENCES.some(sequence => Buffer.from(bytes).includes(sequence));
	if (!hasSequence) return bytes.includes(SUB) ? bytes.filter(byte => byte !== SUB) : bytes;
	const text = SEQUENCES.reduce((left, sequence) => left.replaceAll(sequence, ''), Buffer.from(bytes).toString('latin1'));
	return Buffer.from(text.replaceAll('\u001a', ''), 'latin1');
};
