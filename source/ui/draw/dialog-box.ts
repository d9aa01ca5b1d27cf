import {keyLabel} from '../keymap/keymap.ts';
import type {Scope} from '../keymap/row.ts';
import {markedOffer, offerRows} from '../state/offers.ts';
import {type Line, labelled, span, wrap} from '../text/text.ts';
import type {Drawing} from './context.ts';

export const widthIn = ({layout}: Drawing): number => Math.min(76, layout.columns - 2);

/** A dialog's choices from the key table, with the marker; the first is the default. `words` explain each. */
export const offers = (drawing: Drawing, scope: Scope, words: Readonly<Record<string, string>> = {}): readonly Line[] => {
	const {isAscii, state} = drawing;
	const columns = widthIn(drawing) - 9;
	const marked = markedOffer(state);
	return offerRows(state, drawing, scope).map((row, index): Line => {
		const wanted = words[row.action] ?? (index === 0 ? '(default)' : '');
		// Drops the note if there is no room.
		const note = row.help.length + wanted.length < columns ? wanted : '';
		return [
			span(index === marked ? '▸ ' : '  '),
			span(keyLabel(row.keys[0] ?? '', isAscii).padEnd(5), row.isDanger ? 'danger' : 'strong'),
			span(note ? `${row.help.padEnd(Math.min(29, columns - note.length - 1))} ` : row.help),
			span(note, 'dim'),
		];
	});
};

/** Label width of a fact; on a small screen only what the longest takes. */
const labelsIn = (inner: number): number => (inner < 50 ? 13 : 16);

export const fact = (label: string, text: string, inner: number): readonly Line[] => {
	const columns = labelsIn(inner);
	const rows = wrap(text, Math.max(8, inner - columns - 5), inner < 50 ? 3 : 2);
	return rows.map((row, index) => labelled(index === 0 ? label : '', row, columns, inner));
};
