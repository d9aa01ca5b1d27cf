import type {Editor} from './editor.ts';
import {cut, type Line, lineWidth, said, span, type Tone, widthOf, wrap} from './text.ts';

/** ` REVIEWS 2 ───────`: heads a part of a page. */
export const heading = (text: string, columns: number, note = ''): Line => {
	const end = note ? ` ${cut(note, Math.max(0, columns - widthOf(text) - 6))} ` : '';
	return [
		span(` ${text} `, 'strong'),
		span('─'.repeat(Math.max(0, columns - widthOf(text) - 3 - widthOf(end))), 'dim'),
		...(end ? [span(end, 'dim')] : []),
	];
};

/** A value with its name, wrapped under itself; no rows without a value. */
export const field = (
	name: string,
	value: string,
	columns: number,
	options: {most?: number; tone?: Tone; names?: number} = {},
): readonly Line[] => {
	const {most = 4, tone = 'plain', names = 11} = options;
	if (value.trim() === '') return [];
	return wrap(value, Math.max(8, columns - names - 3), most).map(
		(row, index): Line => [span(` ${(index === 0 ? name : '').padEnd(names)} `, 'dim'), span(row, tone)],
	);
};

/** Text in rows, with its own line breaks, `indent` cells from the left. */
export const paragraph = (text: string, columns: number, most: number, tone: Tone = 'plain', indent = 1): readonly Line[] =>
	text.trim() === ''
		? []
		: wrap(text, Math.max(8, columns - indent - 1), most).map((row): Line => [span(`${' '.repeat(indent)}${row}`, tone)]);

/** Program output with its indentation, long lines wrapped; the last `most` rows. */
export const verbatim = (text: string, columns: number, most: number): readonly Line[] =>
	text
		.split('\n')
		.slice(-most)
		.flatMap(line => {
			const indent = Math.min(8, /^[ \t]*/.exec(line)?.[0].replaceAll('\t', '  ').length ?? 0);
			const rows = wrap(line, Math.max(8, columns - indent - 2), 6);
			return (rows.length > 0 ? rows : ['']).map((row): Line => [span(`${' '.repeat(indent + 1)}${row}`)]);
		})
		.slice(-most);

/** `once`, `3 times`. */
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

/** One item a row with a dot, wrapped under itself. */
export const bullets = (items: readonly string[], columns: number, most = 4): readonly Line[] =>
	items.flatMap(item =>
		wrap(item, Math.max(8, columns - 5), most).map((row, index): Line => [span(index === 0 ? ' · ' : '   ', 'dim'), span(row)]),
	);

type Row = {readonly text: string; readonly start: number};

/** Wraps to `columns` characters, at blanks if possible. */
const softRows = (text: string, columns: number): readonly Row[] => {
	const rows: Row[] = [];
	let start = 0;
	for (const line of text.split('\n')) {
		let at = 0;
		while (line.length - at > columns) {
			const blank = line.lastIndexOf(' ', at + columns - 1);
			const end = blank > at ? blank + 1 : at + columns;
			rows.push({text: line.slice(at, end), start: start + at});
			at = end;
		}
		rows.push({text: line.slice(at), start: start + at});
		start += line.length + 1;
	}
	return rows;
};

/** A multi-line input with an inverse cursor; rows around the cursor if not all fit. */
export const area = ({text, cursor}: Editor, columns: number, most: number): readonly Line[] => {
	const rows = softRows(text, Math.max(4, columns - 3));
	const at = rows.findLastIndex(row => row.start <= cursor);
	const from = Math.max(0, Math.min(rows.length - most, at - most + 1));
	return rows.slice(from, from + most).map((row, index): Line => {
		if (from + index !== at) return [span('  '), span(cut(row.text, columns - 3))];
		const before = said(row.text.slice(0, cursor - row.start));
		const [under = ' ', ...rest] = [...said(row.text.slice(cursor - row.start))];
		return [span('  '), span(before), span(under, 'cursor'), span(cut(rest.join(''), Math.max(0, columns - 4 - widthOf(before))))];
	});
};

/** An input line with an inverse cursor; scrolls left if it does not fit. */
export const fieldSpans = (lead: string, editor: Editor, columns: number): Line => {
	if (editor.isSelected) return [span(lead, 'strong'), span(cut(said(editor.text), Math.max(1, columns - 1)), 'cursor'), span(' ')];
	const before = said(editor.text.slice(0, editor.cursor));
	const rest = [...said(editor.text.slice(editor.cursor))];
	const under = rest[0] ?? ' ';
	const shown = [...before].slice(-Math.max(1, columns - 2)).join('');
	const after = cut(rest.slice(1).join(''), Math.max(0, columns - lineWidth([span(shown)]) - 2));
	return [span(lead, 'strong'), span(shown.length < before.length ? `…${shown.slice(1)}` : shown), span(under, 'cursor'), span(after)];
};
