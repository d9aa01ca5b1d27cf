import {cellWidth} from '../../terminal/widths.ts';
import type {Frame, Piece} from './frame.ts';

const SGR = /\u001b\[[\d;]*m/g;
/** The cursor of a field that is being written: one inverted character by itself. */
const FIELD = /\u001b\[7m[^\u001b]\u001b\[0m/;
/** The marked row of a list; in a heavy frame it is the one that has the keys. */
const MARKS = [/^(?:┃|#)[▸>]/, /^(?:│|\|)?[▸>]/];

type Cell = {readonly x: number; readonly y: number};

const cellAt = ({rect}: Piece, row: number, before: string): Cell => ({x: rect.x + cellWidth(before.replaceAll(SGR, '')), y: rect.y + row});

const fieldIn = (piece: Piece): Cell | undefined => {
	for (const [index, row] of piece.rows.entries()) {
		const found = FIELD.exec(row);
		if (found) return cellAt(piece, index, row.slice(0, found.index));
	}
	return undefined;
};

const markIn = (piece: Piece, mark: RegExp): Cell | undefined => {
	const index = piece.rows.findIndex(row => mark.test(row.replaceAll(SGR, '')));
	const text = piece.rows[index]?.replaceAll(SGR, '') ?? '';
	return index < 0 ? undefined : cellAt(piece, index, (mark.exec(text)?.[0] ?? '').slice(0, -1));
};

/** Where a person's attention belongs, as a cell: the field that is being written, else the marked row; of a dialog before all else. */
export const frameCursor = ({pieces, hole}: Frame): Cell | undefined => {
	const top = [...pieces].reverse();
	const looked = hole ? top.filter(({id}) => id === 'dialog' || id === 'hints') : top;
	for (const piece of looked) {
		const field = fieldIn(piece);
		if (field) return field;
	}
	for (const mark of MARKS) {
		for (const piece of looked) {
			const marked = markIn(piece, mark);
			if (marked) return marked;
		}
	}
	return undefined;
};
