import type {Drawing} from '../draw/context.ts';
import type {DialogKind} from '../hooks/kinds.ts';
import {keyLabel, keyOf} from '../keymap/keymap.ts';
import type {KeyRow} from '../keymap/row.ts';
import {STATUS_STYLES} from '../model/status-styles.ts';
import {type InRows, RowsDialog, useDialog} from '../parts/dialog.tsx';
import {unchanged} from '../state/message.ts';
import {type Menu, scopesOf} from '../state/state.ts';
import {fieldSpans} from '../text/blocks.ts';
import {windowStart} from '../text/box.ts';
import {cell, cut, fill, type Line, lineWidth, span, widthOf} from '../text/text.ts';
import {beneath, type Entry, helpSections, paletteEntries, pasteIntoMenu, updateMenu} from './menu.ts';

type HelpEntry = {readonly heading: string} | {readonly note: Line} | {readonly row: KeyRow; readonly index: number};

const COLUMN = 38;
const KEYS = 9;

/** Sections in order; the marked row counts as on screen. */
const helpEntries = (drawing: Drawing, menu: Menu): readonly HelpEntry[] => {
	const {state, keymap} = drawing;
	let index = 0;
	return helpSections(keymap, scopesOf(beneath(state)), menu.filter.text).flatMap(({title, rows}): HelpEntry[] => [
		{heading: title},
		...rows.map((row): HelpEntry => ({row, index: index++})),
	]);
};

const entryLine = (entry: HelpEntry | undefined, marked: number, columns: number, isAscii: boolean): Line => {
	if (!entry) return fill([], columns);
	if ('note' in entry) return fill(entry.note, columns);
	if ('heading' in entry) return fill([span(`  ${cut(entry.heading, columns - 3)}`, 'dim')], columns);
	const {row, index} = entry;
	const keys = row.keys.map(key => keyLabel(key, isAscii)).join(' ');
	const isMarked = index === marked;
	// Long keys take space from the words: keys are cut last.
	const width = Math.min(Math.max(KEYS, keys.length), columns - 6);
	return fill(
		[
			span(isMarked ? '▸ ' : '  '),
			span(cell(keys, width), row.isDanger ? 'danger' : 'strong'),
			span(` ${cell(row.help, columns - width - 4)} `, isMarked ? 'cursor' : 'plain'),
		],
		columns,
	);
};

const legendLines = (columns: number): readonly Line[] => {
	const rows: Line[] = [];
	const looks = Object.values(STATUS_STYLES).filter((look, index, all) => all.findIndex(other => other.badge === look.badge) === index);
	const fresh = {badge: '•', tone: 'strong', word: 'unread'} as const;
	for (const {badge, tone, word} of columns < 40 ? looks : [...looks, fresh]) {
		const entry: Line = [span(' '), span(badge, tone), span(` ${word}`, 'dim')];
		const last = rows.at(-1);
		if (last && lineWidth(last) + lineWidth(entry) <= columns) rows[rows.length - 1] = [...last, ...entry];
		else rows.push([span(' '), ...entry]);
	}
	return rows;
};

const columnsOf = (columns: number): {readonly across: number; readonly width: number} => {
	const across = Math.max(1, Math.min(3, Math.floor((columns - 4) / COLUMN)));
	return {across, width: Math.floor((Math.min(columns - 2, across * COLUMN + 4) - 2) / across)};
};

/** Every key from the table, the context's first, filtered while typing; Enter runs the marked one. */
const help = (drawing: Drawing, menu: Menu): InRows => {
	const {layout, isAscii} = drawing;
	const {across, width: column} = columnsOf(layout.columns);
	const width = column * across + 2;
	const isSmall = layout.rows < 20;
	const badges = legendLines(isSmall ? column - 1 : width - 3);
	// On a small screen the badges precede the first keys, and a filter hides them.
	const legend = isSmall ? [] : badges;
	const gap: readonly Line[] = isSmall ? [] : [[]];
	const notes = isSmall && menu.filter.text === '' ? badges.map((note): HelpEntry => ({note})) : [];
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
			// Shows what its column cuts off.
			...gap.map((): Line => (marked && widthOf(marked.help) > column - KEYS - 4 ? [span(`  ${cut(marked.help, width - 6)}`, 'dim')] : [])),
			...legend,
		],
		starts: pages.flatMap(part => part.find(entry => 'row' in entry)?.index ?? []),
		selected: -1,
		width,
	};
};

const noKey = ({keymap, isAscii}: Drawing): Line => {
	const key = keymap.rows.find(({scope, action}) => scope === 'room' && action === 'palette')?.keys.at(-1);
	return [
		span('  No matching key.', 'dim'),
		...(key ? [span(` ${keyLabel(key, isAscii)}`, 'strong'), span(' lists every command.', 'dim')] : []),
	];
};

const NAME = 24;
const KEYS_CELLS = 8;
/** Below this width, names and keys only. */
const WITH_WORDS = 64;
/** Below this width a reason replaces the description. */
const WITH_BOTH = 90;

const commandLine = ({name, help, why, row}: Entry, isMarked: boolean, columns: number, isAscii: boolean): Line => {
	const keys = (row?.keys ?? []).map(key => keyLabel(key, isAscii)).join(' ');
	const tone = why ? 'dim' : row?.isDanger ? 'danger' : 'strong';
	const lead = span(isMarked ? '▸ ' : '  ');
	const last = [span(` ${cell(keys, KEYS_CELLS)}`, why ? 'dim' : 'strong')];
	const room = columns - 2 - 1 - KEYS_CELLS - 1;
	if (columns < WITH_WORDS) return [lead, span(cell(name, room), tone), ...last];
	// On a narrow screen there is only room for the reason.
	const words = why ? (columns < WITH_BOTH ? why : `${help} (${why})`) : help;
	// A long name takes space from the words.
	const width = Math.min(Math.max(NAME, name.length), Math.floor(room / 2));
	return [lead, span(cell(name, width), tone), span(`  ${cell(words, room - width - 2)}`, why ? 'dim' : 'plain'), ...last];
};

/** Every command by name with its key; unavailable ones are dim with the reason. */
const palette = (drawing: Drawing, menu: Menu): InRows => {
	const {state, layout, isAscii} = drawing;
	const closes = keyOf(drawing.keymap, 'palette.close', isAscii);
	const width = Math.min(100, layout.columns - 2);
	const inner = width - 2;
	const entries = paletteEntries(beneath(state), menu.filter.text, drawing);
	const height = Math.max(1, Math.min(20, layout.rows - 2 - 4));
	const at = Math.min(menu.index, Math.max(0, entries.length - 1));
	const from = Math.max(0, windowStart(entries.length, height, at));
	const shown = entries.slice(from, from + height).map((entry, row) => commandLine(entry, from + row === at, inner, isAscii));
	const nothing: Line = [span('  No matching command. ', 'dim'), span(closes, 'strong'), span(' closes', 'dim')];
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
	};
};

const menu: Pick<DialogKind<Menu>, 'update' | 'paste' | 'typed'> = {
	update: (state, dialog, {action, key, text}, context) => unchanged(updateMenu(state, dialog, action, key, text, context)),
	paste: pasteIntoMenu,
	typed: () => 'to filter',
};

const HelpDialog = () => <RowsDialog told={useDialog('help', help)} />;

export const HELP: DialogKind<Menu> = {
	...menu,
	mode: 'HELP',
	keys: [
		{scope: 'help', keys: ['enter'], action: 'run', label: 'run', help: 'run', group: '', order: 1},
		{scope: 'help', keys: ['down'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'help', keys: ['up'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'help', keys: ['pgdn', 'ctrl+d'], action: 'next-page', label: 'page', help: 'next page', group: '', order: 4},
		{scope: 'help', keys: ['pgup', 'ctrl+u'], action: 'previous-page', label: '', help: 'previous page', group: ''},
		{scope: 'help', keys: ['esc', '?'], action: 'close', label: 'close', help: 'close', group: '', order: 3},
	],
	Part: HelpDialog,
	starts: (drawing, dialog) => help(drawing, dialog).starts ?? [],
};

const PaletteDialog = () => <RowsDialog told={useDialog('palette', palette)} />;

export const PALETTE: DialogKind<Menu> = {
	...menu,
	mode: 'COMMAND',
	keys: [
		{scope: 'palette', keys: ['enter'], action: 'run', label: 'run', help: 'run', group: '', order: 1},
		{scope: 'palette', keys: ['down', 'ctrl+n'], action: 'next', label: 'choose', help: 'next', group: '', order: 2},
		{scope: 'palette', keys: ['up', 'ctrl+p'], action: 'previous', label: '', help: 'previous', group: ''},
		{scope: 'palette', keys: ['pgdn'], action: 'next-page', label: '', help: 'next page', group: ''},
		{scope: 'palette', keys: ['pgup'], action: 'previous-page', label: '', help: 'previous page', group: ''},
		{scope: 'palette', keys: ['esc'], action: 'close', label: 'close', help: 'close', group: '', order: 3},
	],
	Part: PaletteDialog,
	starts: (drawing, dialog) => palette(drawing, dialog).starts ?? [],
};
