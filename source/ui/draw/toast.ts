import type {Toast} from '../state/state.ts';
import {fill, type Line, span, wrap} from './text.ts';

/** What was said last, on as many rows as there are. */
export const toastLines = ({text, isBad}: Toast, columns: number, rows: number): readonly Line[] => {
	const told = wrap(text, columns - 4, rows);
	return Array.from({length: rows}, (_, row): Line => {
		const lead = row > 0 ? '   ' : ` ${isBad ? '!' : '✓'} `;
		return fill([span(`${lead}${told[row] ?? ''}`, isBad ? 'warning' : 'good')], columns);
	});
};
