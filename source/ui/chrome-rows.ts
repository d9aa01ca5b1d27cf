import type {Frame} from './draw/frame.ts';

/** Whether two frames have the same pieces at the same places, whatever they say. */
export const isSameArrangement = (a: Frame, b: Frame): boolean =>
	a.pieces.length === b.pieces.length &&
	a.pieces.every((piece, index) => {
		const other = b.pieces[index];
		if (!other || piece.id !== other.id || piece.rows.length !== other.rows.length) return false;
		const [one, two] = [piece.rect, other.rect];
		return one.x === two.x && one.y === two.y && one.columns === two.columns && one.rows === two.rows;
	});

export type ChromeRows = {
	/** Writes the rows that say something else than at the last call. */
	show(frame: Frame): void;
	/** Writes every row: Ink has drawn, and knows nothing of the rows that were written past it. */
	repair(): void;
};

/** The ends of a piece, blank and plain: where it cuts a wide character, the half that is left over takes no pen of the piece. */
const ends = (y: number, {x, columns}: {readonly x: number; readonly columns: number}): string =>
	[x, x + columns - 1].map(at => `\x1b[${y + 1};${at + 1}H\x1b[X`).join('');

/** Each piece that stands on a row, in the order of the frame: the later ones cover the earlier ones. */
const rowsOf = ({pieces}: Frame, count: number): readonly string[] => {
	const texts = new Array<string>(count).fill('');
	for (const {rect, rows} of pieces)
		rows.forEach((row, index) => {
			const y = rect.y + index;
			if (texts[y] !== undefined) texts[y] += `${texts[y] && ends(y, rect)}\x1b[${y + 1};${rect.x + 1}H${row}\x1b[m`;
		});
	return texts;
};

/**
 * Rows of the chrome, written straight into the virtual terminal that Ink draws on. Ink composes a frame of 160x45 in some 20 ms of
 * processor however little of it changed, and in 120 where agents keep the machine busy; a row takes some 20 µs. Guarantee: what stands
 * there is, cell for cell, what Ink draws of the same frame (test/ui/painter.test.tsx), and Ink's cursor, pen and modes are left alone.
 */
export const createChromeRows = (count: number, write: (bytes: string) => void): ChromeRows => {
	let shown: readonly string[] = [];

	const put = (ys: readonly number[]): void => {
		if (ys.length === 0) return;
		const text = ys.map(y => `\x1b[${y + 1}H\x1b[2K${shown[y] ?? ''}`).join('');
		// Without wrapping: a row that is too long after all spoils no other.
		write(`\x1b7\x1b[m\x1b[?7l${text}\x1b[?7h\x1b8`);
	};
	return {
		show: frame => {
			const before = shown;
			shown = rowsOf(frame, count);
			put(shown.flatMap((text, y) => (text === before[y] ? [] : [y])));
		},
		repair: () => put([...shown.keys()]),
	};
};
