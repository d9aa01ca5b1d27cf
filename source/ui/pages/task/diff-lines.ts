import {agentName} from '../../../core/agent/agent.ts';
import {filesWithMarkers, isConflictMarker, type PatchFile, type PatchHunk, type PatchLine} from '../../../core/change/diff.ts';
import {type Inside, type Language, languageOf, type Piece, piecesOf} from '../../../core/change/syntax.ts';
import type {DiffItem, Note} from '../../model/diff.ts';
import {clock} from '../../model/time.ts';
import {cut, type Line, lineWidth, type Span, said, span, spread, type Tone, widthOf, wrap} from '../../text/text.ts';

export type DiffStyle = {
	readonly columns: number;
	readonly digits: number;
	readonly isWrapped: boolean;
	/** Server time minus this machine's clock, ms. */
	readonly clockOffset: number;
	/** The key that writes a comment, '' for none. */
	readonly answer: string;
};

const TAB = 4;
const MOST_ROWS = 40;

/** Expands tabs to stops, in cells; reads at most `most` characters. */
export const expandTabs = (text: string, most: number): string => {
	if (!text.includes('\t')) return text.slice(0, most);
	let out = '';
	let column = 0;
	for (const part of text.slice(0, most).split(/(\t)/)) {
		const piece = part === '\t' ? ' '.repeat(TAB - (column % TAB)) : said(part);
		out += piece;
		column += widthOf(piece);
	}
	return out;
};

/** Shows a trailing carriage return, which would be an invisible change. */
const shown = (text: string, most: number): string =>
	text.endsWith('\r') ? `${expandTabs(text.slice(0, -1), most)}^M` : expandTabs(text, most);

/** Splits into rows of equal width at any character: code is not wrapped at words. */
const chunks = (text: string, columns: number): readonly string[] => {
	const clean = said(text, columns * MOST_ROWS);
	const rows: string[] = [];
	let row = '';
	let used = 0;
	for (const character of clean) {
		const width = widthOf(character);
		if (used + width > columns) {
			rows.push(row);
			row = '';
			used = 0;
		}
		row += character;
		used += width;
	}
	return [...rows, row];
};

const SIGNS: Readonly<Record<PatchLine['sign'], Tone>> = {'+': 'good', '-': 'removed', ' ': 'plain'};

/** Characters of a line that are looked at. */
const SHOWN = 2000;
/** In longer hunks no line knows of a comment that began above it. */
const LONGEST_HUNK = 3000;
const insides = new WeakMap<PatchHunk, ReadonlyMap<PatchLine, Inside>>();

/** What each line of a hunk's new side begins inside of, as far as the hunk shows it. */
const insidesOf = (hunk: PatchHunk, language: Language): ReadonlyMap<PatchLine, Inside> => {
	const known = insides.get(hunk);
	if (known) return known;
	const found = new Map<PatchLine, Inside>();
	let inside: Inside;
	for (const line of hunk.lines.length > LONGEST_HUNK ? [] : hunk.lines) {
		if (line.sign === '-') continue;
		if (inside) found.set(line, inside);
		({inside} = piecesOf(line.text.slice(0, SHOWN), language, inside));
	}
	insides.set(hunk, found);
	return found;
};

/** The pieces of a line of code. What is removed stays in one colour: it is not read, but seen to go. */
const codeOf = (text: string, line: PatchLine, hunk: PatchHunk, {path}: PatchFile): readonly Piece[] => {
	const language = line.sign === '-' ? undefined : languageOf(path);
	return language ? piecesOf(text.slice(0, SHOWN), language, insidesOf(hunk, language).get(line)).pieces : [];
};

const CODE: Readonly<Record<Piece['kind'], Tone | undefined>> = {code: undefined, keyword: 'keyword', literal: 'literal', comment: 'dim'};

/** Rows of one line in the colours of its pieces; `tone` is that of what has no own. */
const inColours = (rows: readonly string[], pieces: readonly Piece[], tone: Tone): readonly Line[] => {
	const left = pieces.map(({text, kind}) => ({length: text.length, tone: CODE[kind] ?? tone}));
	return rows.map(row => {
		const line: Span[] = [];
		let rest = row;
		while (rest !== '') {
			const [piece] = left;
			const part = rest.slice(0, piece?.length ?? rest.length);
			line.push(span(part, piece?.tone ?? tone));
			rest = rest.slice(part.length);
			if (!piece) continue;
			piece.length -= part.length;
			if (piece.length === 0) left.shift();
		}
		return line;
	});
};

const lineRows = ({line, hunk, file}: Extract<DiffItem, {kind: 'line'}>, {columns, digits, isWrapped}: DiffStyle): readonly Line[] => {
	const {sign, old, new: now, text} = line;
	const tone: Tone = isConflictMarker({sign, text}) ? 'danger' : SIGNS[sign];
	const lead = `${String(sign === '-' ? old : now).padStart(digits)} ${sign} `;
	const room = Math.max(1, columns - widthOf(lead));
	const full = shown(text, isWrapped ? columns * MOST_ROWS : columns * 8);
	const rows = isWrapped ? chunks(full, room) : [cut(full, room)];
	const coloured = tone === 'danger' ? rows.map(row => [span(row, tone)]) : inColours(rows, codeOf(full, line, hunk, file), tone);
	return coloured.map(
		(row, index): Line => [
			span(index === 0 ? lead.slice(0, digits) : ' '.repeat(digits), 'dim'),
			span(index === 0 ? lead.slice(digits) : ' '.repeat(widthOf(lead) - digits), tone),
			...row,
		],
	);
};

/** `+38 -14`, or what else there is to say of a file. */
export const countsOf = ({added, removed, isBinary}: PatchFile): string => (isBinary ? 'binary' : `+${added} -${removed}`);

/** `new`, `renamed from a.ts`, `mode 755`; '' for a plain change. */
export const kindOf = ({status, from, oldMode, newMode}: PatchFile): string => {
	const words: string[] = [];
	if (status === 'added') words.push('new');
	else if (status === 'deleted') words.push('deleted');
	else if (status === 'renamed' || status === 'copied') words.push(`${status} from ${said(from)}`);
	else if (status === 'retyped') words.push(newMode === '120000' ? 'now a link' : 'file type changed');
	if (oldMode !== '' && newMode !== '' && oldMode !== newMode && status !== 'retyped')
		words.push(`mode ${oldMode.slice(-3)} to ${newMode.slice(-3)}`);
	return words.join(', ');
};

const marked = new WeakMap<PatchFile, boolean>();
const isMarked = (file: PatchFile): boolean => {
	const known = marked.get(file) ?? filesWithMarkers({files: [file]}).length > 0;
	marked.set(file, known);
	return known;
};

/** `─── src/a.ts ──────── new  +38 -14`. */
export const fileRow = (file: PatchFile, columns: number, end = ''): Line => {
	const kind = [isMarked(file) ? 'CONFLICT MARKERS' : '', kindOf(file)].filter(Boolean).join(', ');
	const right = ` ${[cut(kind, Math.max(12, Math.floor(columns / 2))), countsOf(file), end].filter(Boolean).join('  ')} `;
	const name = cut(file.path, Math.max(4, columns - widthOf(right) - 7));
	const left: Line = [span('─── ', 'dim'), span(name, 'strong'), span(' ')];
	const between = columns - lineWidth(left) - widthOf(right);
	return between >= 0 ? [...left, span('─'.repeat(between), 'dim'), span(right)] : spread(left, [], columns);
};

const STATES: Readonly<Record<Note['state'], string>> = {
	open: 'open',
	answered: 'submitted since',
	past: 'an earlier round',
	approved: 'no need',
};

const noteRows = ({note, place}: Extract<DiffItem, {kind: 'note'}>, style: DiffStyle): readonly Line[] => {
	const {comment, who, at, state, commit} = note;
	const isMust = comment.severity === 'must-fix';
	const indent = Math.min(style.digits + 3, Math.max(0, style.columns - 24));
	const width = Math.min(70, style.columns - indent - 1);
	const isOpen = state === 'open';
	const tone: Tone = isOpen && isMust ? 'warning' : isOpen ? 'plain' : 'dim';
	const name = who === 'person' ? 'you' : said(agentName(who)) || 'unknown';
	const facts = [name, comment.severity, at > 0 ? clock(at - style.clockOffset) : '', isOpen ? '' : said(commit).slice(0, 7)]
		.filter(Boolean)
		.join(' · ');
	const head = cut(` ${facts} `, width - 3);
	const text = wrap(`${place === '' ? '' : `${said(place)}  `}${comment.text}`, Math.max(4, width - 4), 12);
	const tail = `${STATES[state]}${isOpen && style.answer ? ` · ${style.answer} reply` : ''}`;
	const last = text.at(-1) ?? '';
	const fits = widthOf(last) + widthOf(tail) + 2 <= width - 4;
	const rows = fits ? text : [...text, ''];
	const pad = ' '.repeat(indent);
	return [
		[span(`${pad}╭`, tone), span(head, isMust ? tone : 'plain'), span(`${'─'.repeat(Math.max(0, width - 2 - widthOf(head)))}╮`, tone)],
		...rows.map((row, index): Line => {
			const end = index === rows.length - 1 ? cut(tail, width - 4) : '';
			const gap = ' '.repeat(Math.max(0, width - 4 - widthOf(row) - widthOf(end)));
			return [span(`${pad}│ `, tone), span(row), span(gap), span(end, 'dim'), span(' │', tone)];
		}),
		[span(`${pad}╰${'─'.repeat(width - 2)}╯`, tone)],
	];
};

/** An item's rows; at least one. */
export const itemRows = (item: DiffItem, style: DiffStyle): readonly Line[] => {
	switch (item.kind) {
		case 'file':
			return [fileRow(item.file, style.columns)];
		case 'words':
			return [[span(` ${cut(item.text, style.columns - 2)}`, 'dim')]];
		case 'hunk': {
			const {old, oldLines, new: now, newLines, place} = item.hunk;
			return [
				[span(`@@ -${old},${oldLines} +${now},${newLines} @@`, 'working'), span(` ${cut(expandTabs(place, 400), style.columns)}`, 'dim')],
			];
		}
		case 'line':
			return lineRows(item, style);
		case 'note':
			return noteRows(item, style);
	}
};

export const digitsOf = (files: readonly PatchFile[]): number => {
	let most = 99;
	for (const {hunks} of files) {
		const last = hunks.at(-1);
		if (last) most = Math.max(most, last.old + last.oldLines, last.new + last.newLines);
	}
	return Math.max(4, String(most).length + 1);
};

/**
 * Rows around the cursor, centred if possible, the cursor's row, and the first visible item. Only draws visible items, however many there
 * are.
 */
export const windowOf = (
	items: readonly DiffItem[],
	cursor: number,
	rows: number,
	style: DiffStyle,
): {readonly lines: readonly Line[]; readonly selected: number; readonly first: number} => {
	const before: Line[] = [];
	const after: Line[] = [];
	const draw = (at: number): readonly Line[] => {
		const item = items[at];
		return item ? itemRows(item, style) : [];
	};
	for (let at = cursor; at < items.length && after.length < rows; at += 1) after.push(...draw(at));
	// As many rows above as fit, at least half.
	const wanted = Math.max(Math.floor(rows / 2), rows - after.length);
	let first = cursor;
	while (first > 0 && before.length < wanted) {
		first -= 1;
		before.unshift(...draw(first));
	}
	const above = before.slice(Math.max(0, before.length - wanted));
	return {lines: [...above, ...after].slice(0, rows), selected: above.length, first};
};
