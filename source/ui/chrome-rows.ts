import type {Frame} from './draw/frame.ts';

/** Where the pieces of a frame stand, without what they say. */
export const isSameArrangement = (a: Frame, b: Frame): boolean =>
	a.pieces.length === b.pieces.length &&
	a.pieces.every((piece, index) => {
		const other = b.pieces[index];
		if (!other || piece.id !== other.id || piece.rows.length !== other.rows.length) return false;
		const [one, two] = [piece.rect, other.rect];
		return one.x === two.x && one.y === two.y && one.columns === two.columns && one.rows === two.rows;
	});

export type ChromeRows = {
	/** Writes the rows that say something else than at the last call; `isDrawn`: Ink draws this frame, so nothing is left to write. */
	show(frame: Frame, isDrawn: boolean): void;
	/** Ink has drawn: it knows nothing of the rows that were written past it, and may have written over them or left an old one. */
	repair(): void;
};

/** Erased first, then each piece that stands on the row in the order of the frame: the later ones cover the earlier ones. */
const rowsOf = ({pieces}: Frame, count: number): readonly string[] => {
	const texts = new Array<string>(count).fill('');
	for (const {rect, rows} of pieces)
		rows.forEach((row, index) => {
			const y = rect.y + index;
			if (texts[y] !== undefined) texts[y] += `\x1b[${y + 1};${rect.x + 1}H${row}\x1b[m`;
		});
	return texts;
};

/**
 * Rows of the chrome, written straight into the virtual terminal that Ink draws on. Ink composes a frame of 160x45 in some 20 ms of
 * processor however little of it changed; where all stands as before and only says something else, which is nearly always, one row
 * takes some 20 µs. What Ink would have drawn stands there afterwards, cell for cell (test/ui/painter.test.ts), and its cursor, pen
 * and modes are as it left them.
 */
export const createChromeRows = (count: number, write: (bytes: string) => void): ChromeRows => {
	let shown: readonly string[] = [];
	/** Rows in which Ink's idea of the screen may be wrong, until it begins anew. */
	const past = new Set<number>();

	const put = (ys: readonly number[]): void => {
		if (ys.length === 0) return;
		const text = ys.map(y => `\x1b[${y + 1}H\x1b[2K${shown[y] ?? ''}`).join('');
		// Without wrapping: a row that is too long after all spoils no other.
		write(`\x1b7\x1b[m\x1b[?7l${text}\x1b[?7h\x1b8`);
	};
	return {
		show: (frame, isDrawn) => {
			const before = shown;
			shown = rowsOf(frame, count);
			if (isDrawn) return;
			const changed = shown.flatMap((text, y) => (text === before[y] ? [] : [y]));
			for (const y of changed) past.add(y);
			put(changed);
		},
		repair: () => put([...past]),
	};
};
