import {deflateRawSync, inflateRawSync} from 'node:zlib';
import * as z from 'zod';
import {copyCells, createCanvas} from '../../terminal/paint/canvas.ts';
import {createWriter} from '../../terminal/paint/pen.ts';
import {allModes} from '../../terminal/screen/answers.ts';
import type {HeadlessScreen} from '../../terminal/screen/screen.ts';
import {createCellRow} from '../../terminal/text/cells.ts';

/** Of a larger screen the lower left part is shown. */
const MOST_COLUMNS = 300;
const MOST_ROWS = 100;

/** Bytes per second for the frames of one pane, over all rooms that watch it; a larger frame is made up for by the wait after it. */
export const PANE_BYTES_A_SECOND = 100_000;

/** Frames from this size on, bytes, are compressed. */
const PACKED_FROM = 400;
/** A longer frame, in characters or bytes, is invalid. */
const LONGEST_FRAME = 2 * 1024 * 1024;
const LONGEST_BYTES = 4 * 1024 * 1024;

const frameSchema = z.strictObject({
	/** Grows by one with each frame of this pane. */
	number: z.int().min(1),
	/** It has the whole screen: earlier frames do not matter. */
	isWhole: z.boolean(),
	columns: z.int().min(2).max(MOST_COLUMNS),
	rows: z.int().min(1).max(MOST_ROWS),
	/** The program that runs in it, '' for none. */
	run: z.string().max(60),
	/** Why other machines may not type into it, '' if they may. */
	refuses: z.enum(['', 'off']),
	/** Why a room's keys were not typed. */
	untyped: z.strictObject({room: z.string().max(200), why: z.enum(['off', 'ended', 'late', 'unseen'])}).optional(),
	/** Draws the change on a screen in the state that the frame before left. */
	bytes: z.string().max(LONGEST_FRAME),
	isPacked: z.boolean(),
});
export type Frame = Omit<z.output<typeof frameSchema>, 'bytes' | 'isPacked'> & {readonly bytes: Uint8Array};
/** Why what a room typed was not typed. */
export type Untyped = NonNullable<Frame['untyped']>['why'];

/** A frame as text for Redis. */
export const frameText = ({bytes, ...frame}: Frame): string => {
	const isPacked = bytes.length >= PACKED_FROM;
	const sent = isPacked ? deflateRawSync(bytes) : bytes;
	return JSON.stringify({...frame, bytes: Buffer.from(sent).toString('base64'), isPacked});
};

/** Reads a frame; undefined if it is invalid. Never throws. */
export const readFrame = (text: string): Frame | undefined => {
	if (text.length > LONGEST_FRAME) return undefined;
	try {
		const {bytes, isPacked, ...frame} = frameSchema.parse(JSON.parse(text));
		const sent = Buffer.from(bytes, 'base64');
		return {...frame, bytes: isPacked ? inflateRawSync(sent, {maxOutputLength: LONGEST_BYTES}) : sent};
	} catch {
		return undefined;
	}
};

/** The part of a screen that is shown on other machines. */
export const sizeOf = ({columns, rows}: {readonly columns: number; readonly rows: number}) => ({
	columns: Math.min(MOST_COLUMNS, columns),
	rows: Math.min(MOST_ROWS, rows),
});

export type Drawn = {readonly isWhole: boolean; readonly columns: number; readonly rows: number; readonly bytes: Uint8Array};

/**
 * The change of a screen since the last call, as bytes that draw it on another one: the cells' own clean text, positions and colours, the cursor,
 * and the modes that keys depend on. Undefined without a change; all of it if `isWhole`, or if the size has changed.
 */
export const createDrawer = (screen: HeadlessScreen): ((isWhole: boolean) => Drawn | undefined) => {
	const writer = createWriter();
	let canvas = createCanvas(0, 0);
	let read = createCellRow(0);
	let back = createCellRow(0);
	let version = 0;
	let standing = '';
	return isAsked => {
		const {columns, rows} = sizeOf(screen);
		const top = screen.rows - rows;
		const isWhole = isAsked || canvas.columns !== columns || canvas.rows !== rows;
		if (isWhole) {
			canvas = createCanvas(columns, rows);
			back = createCellRow(columns);
			standing = '';
			writer.forget();
			writer.take();
		}
		if (read.width.length !== screen.columns) read = createCellRow(screen.columns);
		for (let y = 0; y < rows; y++) {
			if (!isWhole && screen.rowVersion(top + y) <= version) continue;
			screen.readRow(top + y, read);
			copyCells(read, 0, back, 0, columns, color => color);
			writer.paintRow(canvas, back, y, 0, columns);
		}
		version = screen.version;
		const {cursor, modes} = screen;
		const [x, y] = [Math.min(cursor.x, columns - 1), Math.max(0, cursor.y - top)];
		const painted = writer.take();
		const stands = `\x1b[${y + 1};${x + 1}H\x1b[?25${cursor.visible ? 'h' : 'l'}${allModes(modes)}`;
		if (painted === '' && stands === standing) return undefined;
		// `stands` moves the cursor without the writer, which must forget it. It is short, so every change includes it.
		writer.forget();
		writer.take();
		const bytes = `${isWhole ? '\x1bc' : ''}${painted}${stands}`;
		standing = stands;
		return {isWhole, columns, rows, bytes: Buffer.from(bytes)};
	};
};
