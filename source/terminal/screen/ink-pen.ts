import type {DOMElement} from 'ink';
import {STYLE} from '../../core/text/screen.ts';

/** A cell's style: colours as in `CellRow`, -1 for the default. Equal pens are the same object. */
export type Pen = {readonly id: number; readonly foreground: number; readonly background: number; readonly style: number};

const pens = new Map<string, Pen>();
const pen = (foreground: number, background: number, style: number): Pen => {
	const key = `${foreground} ${background} ${style}`;
	const known = pens.get(key) ?? {id: pens.size, foreground, background, style};
	pens.set(key, known);
	return known;
};

export const PLAIN: Pen = pen(-1, -1, 0);

const ATTRIBUTES: Readonly<Record<number, number>> = {
	1: STYLE.bold,
	2: STYLE.dim,
	3: STYLE.italic,
	4: STYLE.underline,
	7: STYLE.inverse,
	9: STYLE.strikethrough,
};

/** `38;5;N` and `38;2;R;G;B`, from the second number. */
const extended = ([kind, first = 0, second = 0, third = 0]: readonly number[]): number =>
	kind === 5 ? first : 0x1000000 | (first << 16) | (second << 8) | third;

/** The pen of opening SGR sequences, as chalk writes them. */
const penOfSgr = (text: string): Pen => {
	let [foreground, background, style] = [-1, -1, 0];
	for (const [, parameters = ''] of text.matchAll(/\x1b\[([\d;]*)m/g)) {
		const [code = 0, ...rest] = parameters.split(';').map(Number);
		if (code === 38) foreground = extended(rest);
		else if (code === 48) background = extended(rest);
		else if (code >= 90 && code < 98) foreground = code - 82;
		else if (code >= 100 && code < 108) background = code - 92;
		else if (code >= 30 && code < 38) foreground = code - 30;
		else if (code >= 40 && code < 48) background = code - 40;
		else style |= ATTRIBUTES[code] ?? 0;
	}
	return pen(foreground, background, style);
};

type Transform = NonNullable<DOMElement['internal_transform']>;

const PROBE = '\u0001';
const bySgr = new Map<string, Pen>();
const byTransform = new WeakMap<Transform, Pen>();

/** The style of a `<Text>`, found by applying its transform: Ink keeps styles only in that function. */
export const penOf = (transform: Transform): Pen => {
	const known = byTransform.get(transform);
	if (known) return known;
	const [lead = ''] = transform(PROBE, 0).split(PROBE, 1);
	const found = bySgr.get(lead) ?? penOfSgr(lead);
	bySgr.set(lead, found);
	byTransform.set(transform, found);
	return found;
};

export const penOver = (inner: Pen, outer: Pen): Pen =>
	outer === PLAIN
		? inner
		: pen(
				inner.foreground < 0 ? outer.foreground : inner.foreground,
				inner.background < 0 ? outer.background : inner.background,
				inner.style | outer.style,
			);
