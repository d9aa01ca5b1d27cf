import type {KeyRow} from '../../key-row.ts';
import {keyLabel, keyOf} from '../../keymap.ts';
import {LOOKS} from '../../model/looks.ts';
import type {Menu} from '../../state/dialogs.ts';
import {helpSections} from '../../state/help.ts';
import {beneath} from '../../state/menus.ts';
import {scopesOf} from '../../state/state.ts';
import {fieldSpans} from '../bottom.ts';
import type {Drawing} from '../context.ts';
import {cell, cut, fill, type Line, lineWidth, span, widthOf} from '../text.ts';
import type {DialogContent} from './dialog.ts';

type Entry = {readonly heading: string} | {readonly note: Line} | {readonly row: KeyRow; readonly index: number};

const COLUMN = 38;
const KEYS = 9;

/** Sections one after the other; the marked row counts in the order on the screen. */
const helpEntries = (drawing: Drawing, menu: Menu): readonly Entry[] => {
	const {state, keymap} = drawing;
	let index = 0;
	return helpSections(keymap, scopesOf(beneath(state)), menu.filter.text).flatMap(({title, rows}): Entry[] => [
		{heading: title},
		...rows.map((row): Entry => ({row, index: index++})),
	]);
};

const entryLine = (entry: Entry | undefined, marked: number, columns: number, isAscii: boolean): Line => {
	if (!entry) return fill([], columns);
	if ('note' in entry) return fill(entry.note, columns);
	if ('heading' in entry) return fill([span(`  ${cut(entry.heading, columns - 3)}`, 'strong')], columns);
	const {row, index} = entry;
	const keys = row.keys.map(key => keyLabel(key, isAscii)).join(' ');
	const isMarked = index === marked;
	// Keys that need more than their column take from the words: a key is the last thing to be cut.
	const width = Math.min(Math.max(KEYS, keys.length), columns - 6);
	return fill(
		[
			span(isMarked ? '▸ ' : '  '),
			span(cell(keys, width), row.isDanger ? 'dead' : 'strong'),
			span(` ${cell(row.help, columns - width - 4)} `, isMarked ? 'cursor' : 'plain'),
		],
		columns,
	);
};

/** What the badges of agents mean, and the mark of what is new, in as many rows as that takes. */
const legendLines = (columns: number): readonly Line[] => {
	const rows: Line[] = [];
	const looks = Object.values(LOOKS).filter((look, index, all) => all.findIndex(other => other.badge === look.badge) === index);
	const fresh = {badge: '•', tone: 'strong', word: 'news to you'} as const;
	for (const {badge, tone, word} of columns < 40 ? looks : [...looks, fresh]) {
		const entry: Line = [span(' '), span(badge, tone), span(` ${word === 'need you' ? 'asks' : word}`, 'dim')];
		const last = rows.at(-1);
		if (last && lineWidth(last) + lineWidth(entry) <= columns) rows[rows.length - 1] = [...last, ...entry];
		else rows.push([span(' '), ...entry]);
	}
	return rows;
};

/** How many columns of keys fit, and how wide each is. */
const columnsOf = (columns: number): {readonly across: number; readonly width: number} => {
	const across = Math.max(1, Math.min(3, Math.floor((columns - 4) / COLUMN)));
	return {across, width: Math.floor((Math.min(columns - 2, across * COLUMN + 4) - 2) / across)};
};

/** Every key from the table, those of the context first, filtered while one types; enter runs the marked one. */
export const helpDialog = (drawing: Drawing, menu: Menu): DialogContent => {
	const {layout, isAscii} = drawing;
	const {across, width: column} = columnsOf(layout.columns);
	const width = column * across + 2;
	const isSmall = layout.rows < 20;
	const badges = legendLines(isSmall ? column - 1 : width - 3);
	// Every row counts on a small screen: the badges stand before the first keys there, and go when one looks for something.
	const legend = isSmall ? [] : badges;
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const notes = isSmall && menu.filter.text === '' ? badges.map((note): Entry => ({note})) : [];
	const entries = [...notes, ...helpEntries(drawing, menu)];
	const most = Math.max(2, layout.rows - 2 - 3 - 2 * gap.length - legend.length);
	const height = Math.max(1, Math.min(most, Math.ceil(entries.length / across)));
	const perPage = height * across;
	const at = entries.findIndex(entry => 'row' in entry && entry.index === menu.index);
	const entry = entries[at];
	const marked = entry && 'row' in entry ? entry.row : undefined;
	const page = Math.floor(Math.max(0, at) / perPage);
	const pages = Array.from({length: Math.max(1, Math.ceil(entries.length / perPage))}, (_, index) =>
		entries.slice(index * perPage, (index + 1) * perPage),
	);
	const count = entries.filter(entry => 'row' in entry).length;
	const shown = pages[page] ?? [];
	const body = Array.from(
		{length: height},
		(_, row): Line =>
			Array.from({length: across}, (_unused, place) => entryLine(shown[place * height + row], menu.index, column, isAscii)).flat(),
	);
	const where = pages.length > 1 ? `page ${page + 1} of ${pages.length} · ` : '';
	return {
		title: [span('Keys', 'strong')],
		titleRight: [span(`${keyOf(drawing.keymap, 'help', isAscii)} or ${keyOf(drawing.keymap, 'help.close', isAscii)} closes`, 'dim')],
		footer: count > 0 ? [span(`${where}${Math.min(menu.index, count - 1) + 1}/${count}`, 'dim')] : [],
		lines: [
			[span('  type to filter: '), ...fieldSpans('', menu.filter, Math.floor(width / 2))],
			...gap,
			...(count > 0 ? body : [noKey(drawing)]),
			// What is cut off in its column can be read here.
			...gap.map((): Line => (marked && widthOf(marked.help) > column - KEYS - 4 ? [span(`  ${cut(marked.help, width - 6)}`, 'dim')] : [])),
			...legend,
		],
		starts: pages.flatMap(part => part.find(entry => 'row' in entry)?.index ?? []),
		selected: -1,
		width,
		isHeavy: true,
	};
};

const noKey = ({keymap, isAscii}: Drawing): Line => {
	const key = keymap.rows.find(({scope, action}) => scope === 'room' && action === 'palette')?.keys.at(-1);
	return [
		span('  No key does that.', 'dim'),
		...(key ? [span(` ${keyLabel(key, isAscii)}`, 'strong'), span(' has every command.', 'dim')] : []),
	];
};
