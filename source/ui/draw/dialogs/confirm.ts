import type {Scope} from '../../key-row.ts';
import {keyLabel} from '../../keymap.ts';
import {needsMet} from '../../state/selection.ts';
import type {Drawing} from '../context.ts';
import {type Line, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

export const widthIn = ({layout}: Drawing): number => Math.min(76, layout.columns - 2);

/** The choices of a dialog, printed from the table of keys; the first is the default. `words` add what each one means. */
export const offers = (drawing: Drawing, scope: Scope, words: Readonly<Record<string, string>> = {}): readonly Line[] => {
	const {keymap, isAscii, state} = drawing;
	const met = needsMet(state, drawing);
	return keymap.rows
		.filter(row => row.scope === scope && row.order !== undefined && (!row.needs || met.has(row.needs)))
		.map((row, index): Line => {
			const note = words[row.action] ?? (index === 0 ? '(default)' : '');
			return [
				span(index === 0 ? '▸ ' : '  '),
				span(keyLabel(row.keys[0] ?? '', isAscii).padEnd(5), row.isDanger ? 'dead' : 'strong'),
				span(row.help.padEnd(30)),
				span(note, 'dim'),
			];
		});
};

export const confirm = (drawing: Drawing, title: string, lines: readonly Line[]): DialogContent => ({
	title: [span(title, 'strong')],
	lines: [[], ...lines, []],
	selected: -1,
	width: widthIn(drawing),
	isHeavy: true,
});
