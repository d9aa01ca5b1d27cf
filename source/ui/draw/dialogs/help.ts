import type {KeyRow} from '../../key-row.ts';
import {keyLabel} from '../../keymap.ts';
import {LOOKS} from '../../model/looks.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {HELP_GROUPS, helpRows} from '../../state/help.ts';

import {fieldSpans} from '../bottom.ts';
import type {Drawing} from '../context.ts';
import {cell, fill, type Line, lineWidth, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

type Help = Extract<Dialog, {kind: 'help'}>;
type Entry = {readonly heading: string} | {readonly row: KeyRow; readonly index: number};

const COLUMN = 38;

/** Groups one after the other; the marked row counts in the order on the screen. */
const helpEntries = (rows: readonly KeyRow[]): readonly Entry[] =>
	HELP_GROUPS.flatMap((group): Entry[] => {
		const members = rows.flatMap((row, index): Entry[] => (row.group === group ? [{row, index}] : []));
		return members.length > 0 ? [{heading: group}, ...members] : [];
	});

const entryLine = (entry: Entry | undefined, marked: number, columns: number, isAscii: boolean): Line => {
	if (!entry) return fill([], columns);
	if ('heading' in entry) return fill([span(`  ${entry.heading}`, 'strong')], columns);
	const {row, index} = entry;
	const keys = row.keys.map(key => keyLabel(key, isAscii)).join(' ');
	const isMarked = index === marked;
	return fill(
		[
			span(isMarked ? '▸ ' : '  '),
			span(cell(keys, 8), row.isDanger ? 'dead' : 'strong'),
			span(` ${cell(row.help, columns - 12)} `, isMarked ? 'cursor' : 'plain'),
		],
		columns,
	);
};

/** What the badges of agents mean, in as many rows as that takes. */
const legendLines = (columns: number): readonly Line[] => {
	const rows: Line[] = [];
	const looks = Object.values(LOOKS).filter((look, index, all) => all.findIndex(other => other.badge === look.badge) === index);
	for (const {badge, tone, word} of looks) {
		const entry: Line = [span(' '), span(badge, tone), span(` ${word === 'need you' ? 'asks' : word}`, 'dim')];
		const last = rows.at(-1);
		if (last && lineWidth(last) + lineWidth(entry) <= columns) rows[rows.length - 1] = [...last, ...entry];
		else rows.push([span(' '), ...entry]);
	}
	return rows;
};

/** Every key of the room from the table, filtered while one types; enter runs the marked one. */
export const helpDialog = (drawing: Drawing, dialog: Help): DialogContent => {
	const {layout, keymap, isAscii} = drawing;
	const across = Math.max(1, Math.min(3, Math.floor((layout.columns - 4) / COLUMN)));
	const entries = helpEntries(helpRows(keymap, dialog.filter.text));
	const columns = Math.floor((Math.min(layout.columns - 2, across * COLUMN + 4) - 2) / across);
	const width = columns * across + 2;
	const legend = legendLines(width - 3);
	const most = Math.max(2, layout.rows - 2 - 6 - legend.length);
	const height = Math.max(1, Math.min(most, Math.ceil(entries.length / across)));
	const perPage = height * across;
	const at = entries.findIndex(entry => 'row' in entry && entry.index === dialog.index);
	const page = Math.floor(Math.max(0, at) / perPage);
	const pages = Math.max(1, Math.ceil(entries.length / perPage));
	const shown = entries.slice(page * perPage, (page + 1) * perPage);
	const body = Array.from(
		{length: height},
		(_, row): Line =>
			Array.from({length: across}, (_unused, column) => entryLine(shown[column * height + row], dialog.index, columns, isAscii)).flat(),
	);
	return {
		title: [span('Keys', 'strong')],
		titleRight: [span('? or esc closes', 'dim')],
		footer: pages > 1 ? [span(`page ${page + 1} of ${pages}`, 'dim')] : [],
		lines: [
			[span('  type to filter: '), ...fieldSpans('', dialog.filter, Math.floor(width / 2))],
			[],
			...(entries.length > 0 ? body : [[span('  No key does that.', 'dim')]]),
			[],
			...legend,
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
