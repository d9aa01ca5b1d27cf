import {keyLabel, keyOf} from '../../keymap.ts';
import type {Menu} from '../../state/dialogs.ts';
import {beneath} from '../../state/menus.ts';
import {type Entry, paletteEntries} from '../../state/palette.ts';
import {fieldSpans} from '../bottom.ts';
import {windowStart} from '../box.ts';
import type {Drawing} from '../context.ts';
import {cell, type Line, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const NAME = 24;
const KEYS = 8;
/** Below this width the names and the keys are enough. */
const WITH_WORDS = 64;
/** Below this width a reason stands in place of what the command does. */
const WITH_BOTH = 90;

const entryLine = ({name, help, why, row}: Entry, isMarked: boolean, columns: number, isAscii: boolean): Line => {
	const keys = (row?.keys ?? []).map(key => keyLabel(key, isAscii)).join(' ');
	const tone = why ? 'dim' : row?.isDanger ? 'dead' : 'strong';
	const lead = span(isMarked ? '▸ ' : '  ');
	const last = [span(` ${cell(keys, KEYS)}`, why ? 'dim' : 'strong')];
	const room = columns - 2 - 1 - KEYS - 1;
	if (columns < WITH_WORDS) return [lead, span(cell(name, room), tone), ...last];
	// On a narrow screen the reason is all that there is place for.
	const words = why ? (columns < WITH_BOTH ? why : `${help} (${why})`) : help;
	// A long name takes from the words.
	const width = Math.min(Math.max(NAME, name.length), Math.floor(room / 2));
	return [lead, span(cell(name, width), tone), span(`  ${cell(words, room - width - 2)}`, why ? 'dim' : 'plain'), ...last];
};

/** Every command by its name with its key: what cannot be done now is dim and says why. */
export const paletteDialog = (drawing: Drawing, menu: Menu): DialogContent => {
	const {state, layout, isAscii} = drawing;
	const closes = keyOf(drawing.keymap, 'palette.close', isAscii);
	const width = Math.min(100, layout.columns - 2);
	const inner = width - 2;
	const entries = paletteEntries(beneath(state), menu.filter.text, drawing);
	const height = Math.max(1, Math.min(20, layout.rows - 2 - 4));
	const at = Math.min(menu.index, Math.max(0, entries.length - 1));
	const from = Math.max(0, windowStart(entries.length, height, at));
	const shown = entries.slice(from, from + height).map((entry, row) => entryLine(entry, from + row === at, inner, isAscii));
	const nothing: Line = [span('  Nothing is called that. ', 'dim'), span(closes, 'strong'), span(' closes', 'dim')];
	const blank = Array.from({length: Math.max(0, height - Math.max(1, shown.length))}, (): Line => []);
	return {
		title: [span('Commands', 'strong')],
		titleRight: [span(width < 60 ? `${closes} closes` : 'a word, or an id such as t-3 or dev-2', 'dim')],
		footer: [span(`${entries.length === 0 ? 0 : at + 1}/${entries.length}`, 'dim')],
		lines: [
			[span(' '), ...fieldSpans(': ', menu.filter, inner - 4)],
			[span('─'.repeat(inner), 'dim')],
			...(shown.length > 0 ? shown : [nothing]),
			...blank,
		],
		starts: Array.from({length: Math.ceil(entries.length / height)}, (_, page) => page * height),
		selected: shown.length > 0 ? 2 + at - from : -1,
		width,
		isHeavy: true,
	};
};
