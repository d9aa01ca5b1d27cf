/** `CSI code:shifted:base;modifiers:event;text u`, and the older `CSI 27;modifiers;code~`. */
const KEYS = /\u001b\[(?:(\d+)(?::\d*)?(?::(\d+))?;(\d+)(?::\d+)?(?:;[\d:]*)?u|27;(\d+);(\d+)~)/g;
/** Shift 1, alt 2, ctrl 4, super 8; ignores caps and num lock. */
const HELD = 15;
const CTRL = 4;

/** Input, as Latin-1, without ctrl+`letter` in every encoding: the control character and both extended forms, also repeated or released. */
export const withoutControl = (typed: string, letter: string): string => {
	const code = letter.charCodeAt(0);
	const left = typed.replaceAll(String.fromCharCode(code & 0x1f), '');
	if (!left.includes('\u001b[')) return left;
	return left.replace(KEYS, (whole, key, place, modifiers, otherModifiers, otherKey) => {
		const isKey = Number(place ?? key ?? otherKey) === code;
		return isKey && ((Number(modifiers ?? otherModifiers) - 1) & HELD) === CTRL ? '' : whole;
	});
};
