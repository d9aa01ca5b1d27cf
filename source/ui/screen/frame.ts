import {toAscii} from '../../terminal/text/ascii.ts';
import {cellWidth, clustersOf} from '../../terminal/text/widths.ts';
import type {Drawing} from '../draw/context.ts';
import {paneBox, zoomHeader} from '../panels/pane.ts';
import {listBox, listContent, sightOf, tabLine, windowed} from '../panels/panels.ts';
import {NO_OVERFLOW, type Target} from '../state/descriptor.ts';
import type {Overflow} from '../state/message.ts';
import {shownAgent} from '../state/selection.ts';
import {LISTS} from '../state/state.ts';
import {type BoxContent, boxRows, type Row} from '../text/box.ts';
import {centred, inside, type Rect} from '../text/layout.ts';
import {fill, type Line, lineWidth, span, spread} from '../text/text.ts';
import {type Palette, paint, paletteOf} from '../text/theme.ts';
import {attentionLines, hintLine} from './bottom.ts';
import {headerLine} from './header.ts';
import {refusedWords} from './notice.ts';
import {dialogContent, pageContent} from './registry.ts';

/** A rectangle of the chrome and its painted rows. Later ones cover earlier ones. */
export type Piece = {readonly id: string; readonly rect: Rect; readonly rows: readonly string[]};

export type Frame = {
	readonly pieces: readonly Piece[];
	/** Whose pane fills which cells; undefined where none is shown. */
	readonly pane: {readonly agent: string; readonly rect: Rect} | undefined;
	/** The dialog's rectangle: the pane does not show there. */
	readonly hole: Rect | undefined;
	/** What can be pointed at by itself. */
	readonly targets: readonly Target[];
};

/** Everything that the chrome shows, as data: state in, painted rectangles out. */
export const frameOf = (drawing: Drawing, palette: Palette = paletteOf('dark', false)): Frame => {
	const {layout} = drawing;
	const {columns, rows, kind} = layout;
	const paintRow = (parts: readonly Row[]): string =>
		parts
			.map(({line, selected}) =>
				paint(drawing.isAscii ? line.map(part => ({...part, text: toAscii(part.text)})) : line, palette, selected ?? false),
			)
			.join('');
	const strip = (id: string, y: number, line: Line): Piece => ({
		id,
		rect: {x: 0, y, columns, rows: 1},
		rows: [paintRow([{line: fill(line, columns)}])],
	});
	if (kind === 'refused') {
		const lines = refusedWords(drawing);
		const top = Math.floor((rows - lines.length) / 2);
		return {
			pieces: lines.map((text, row) => strip(`refused-${row}`, top + row, [span(text)])),
			pane: undefined,
			hole: undefined,
			targets: [],
		};
	}
	const box = (id: string, content: BoxContent): Piece => ({id, rect: content.rect, rows: boxRows(content).map(paintRow)});
	const page = pageContent(drawing);
	const pieces: Piece[] = [strip('header', 0, page?.header ?? (kind === 'zoom' ? zoomHeader(drawing) : headerLine(drawing)))];
	const targets: Target[] = [...(page?.targets ?? [])];
	if (page) pieces.push(...page.boxes.map((content, index) => box(`page-${index}`, content)));
	else {
		for (const [panel, rect] of layout.panels) {
			const content = panel === 0 ? paneBox(drawing, rect) : listBox(panel, drawing, rect);
			pieces.push(box(`panel-${panel}`, content));
			targets.push(...targetsOf(content, String(panel)));
		}
		pieces.push(...tabbedPieces(drawing, box, paintRow));
	}
	for (const [index, line] of attentionLines(drawing, layout.attention.length).entries()) {
		const row = layout.attention[index];
		if (row !== undefined) pieces.push(strip(`attention-${index}`, row, line));
	}
	pieces.push(strip('hints', layout.hints, hintLine(drawing)));
	const dialog = dialogBox(drawing);
	if (dialog) pieces.push(box('dialog', dialog));
	const paneRect = layout.panels.get(0);
	const agent = shownAgent(drawing.state, drawing);
	const hasPane = paneRect && agent && drawing.snapshot.panes.has(agent);
	const pane = page ? page.pane : hasPane ? {agent, rect: inside(paneRect)} : undefined;
	return {pieces, pane, hole: dialog?.rect, targets};
};

/** Each line of a list that says of which row it is. */
const targetsOf = ({rect: {x, y, columns}, ids = []}: BoxContent, column: string): readonly Target[] =>
	ids.map((id, row) => ({rect: {x: x + 1, y: y + 1 + row, columns: columns - 2, rows: 1}, column, id}));

/** How many rows of what scrolls do not fit, as it would be drawn. */
export const overflowOf = (drawing: Drawing): Overflow => {
	const dialog = dialogContent(drawing);
	return {page: pageContent(drawing)?.overflow ?? NO_OVERFLOW, dialog: dialog?.overflow ?? 0, starts: dialog?.starts ?? []};
};

/** Tabs, and behind them which rows are in sight, where there is place for that. */
const withSight = (tabs: Line, sight: string, columns: number): Line =>
	lineWidth(tabs) + sight.length + 2 > columns ? fill(tabs, columns) : spread(tabs, [span(`${sight} `, 'dim')], columns);

/** The panels that share a rectangle: a frame with tabs in its title, or a bare list below a row of tabs. */
const tabbedPieces = (
	drawing: Drawing,
	box: (id: string, content: BoxContent) => Piece,
	paintRow: (row: readonly Row[]) => string,
): readonly Piece[] => {
	const {layout, state} = drawing;
	const {tabbed, tabs, tabRow, columns, kind} = layout;
	if (!tabbed) return [];
	const wanted = kind === 'wide' ? state.side : state.tab;
	const shown = LISTS.find(list => tabs.includes(list) && list === wanted) ?? LISTS.find(list => tabs.includes(list)) ?? 1;
	// Alone in its rectangle a panel has its own title.
	const isAlone = kind === 'wide' && shown === 3 && drawing.snapshot.conflicts.length === 0;
	if (kind === 'wide' || kind === 'medium')
		return [
			box(
				'tabbed',
				listBox(shown, drawing, tabbed, isAlone ? undefined : tabLine(drawing, tabs, shown, kind === 'wide', tabbed.columns - 4)),
			),
		];
	const content = listContent(shown, drawing, tabbed.columns, false);
	const {lines, selected, start} = windowed(content, tabbed.rows, shown === 4);
	const rows = Array.from({length: tabbed.rows}, (_, index) =>
		paintRow([{line: fill(lines[index] ?? [], columns), selected: index === selected && state.focus !== 0}]),
	);
	const pieces: Piece[] = [{id: 'list', rect: tabbed, rows}];
	if (tabRow !== undefined)
		pieces.push({
			id: 'tabs',
			rect: {x: 0, y: tabRow, columns, rows: 1},
			rows: [paintRow([{line: withSight(tabLine(drawing, tabs, shown, true, columns), sightOf(content, start, tabbed.rows), columns)}])],
		});
	return pieces;
};

const dialogBox = (drawing: Drawing): BoxContent | undefined => {
	const {state, layout} = drawing;
	const content = dialogContent(drawing);
	if (!content || !state.dialog) return undefined;
	const rect = centred(layout.columns, layout.rows, content.width, content.lines.length + 2);
	return {...content, rect, tone: state.dialog.kind === 'frozen' ? 'paused' : 'plain'};
};

const SGR = /\u001b\[[\d;]*m/g;

/** A frame as rows of plain text, one character a cell: `?` for what takes more of either. The pane's cells are blank. */
export const frameText = ({pieces}: Frame, columns: number, rows: number): readonly string[] => {
	const grid = Array.from({length: rows}, () => new Array<string>(columns).fill(' '));
	for (const {rect, rows: painted} of pieces) {
		for (const [index, row] of painted.entries()) {
			const cells = grid[rect.y + index];
			let {x} = rect;
			for (const {text: character, width} of clustersOf(row.replaceAll(SGR, ''))) {
				for (let at = x; cells && at < Math.min(columns, x + width); at++)
					cells[at] = width === 1 && character.length === 1 ? character : '?';
				x += width;
			}
		}
	}
	return grid.map(cells => cells.join(''));
};

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
