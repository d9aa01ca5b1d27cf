/** `CSI code:shifted:place;modifiers:event;text u`, and the older `CSI 27;modifiers;code~`. */
const KEYS = /\u001b\[(?:(\d+)(?::\d*)?(?::(\d+))?;(\d+)(?::\d+)?(?:;[\d:]*)?u|27;(\d+);(\d+)~)/g;
/** Of shift 1, alt 2, ctrl 4 and super 8; caps and num lock do not count. */
const HELD = 15;
const CTRL = 4;

/**
 * What a human typed, as Latin-1, without the key ctrl+`letter` in each of its forms: the control character, and the sequences of both
 * extended keyboards, let go or held down too.
 */
export const withoutControl = (typed: string, letter: string): string => {
	const code = letter.charCodeAt(0);
	const left = typed.replaceAll(String.fromCharCode(code & 0x1f), '');
	if (!left.includes('\u001b[')) return left;
	return left.replace(KEYS, (whole, key, place, modifiers, otherModifiers, otherKey) => {
		const isKey = Number(place ?? key ?? otherKey) === code;
		return isKey && ((Number(modifiers ?? otherModifiers) - 1) & HELD) === CTRL ? '' : whole;
	});
};
