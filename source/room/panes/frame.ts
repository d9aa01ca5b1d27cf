import {deflateRawSync, inflateRawSync} from 'node:zlib';
import {z} from 'zod';
import {copyCells, createCanvas} from '../../terminal/paint/canvas.ts';
import {createWriter} from '../../terminal/paint/pen.ts';
import {allModes} from '../../terminal/screen/answers.ts';
import type {HeadlessScreen} from '../../terminal/screen/screen.ts';
import {createCellRow} from '../../terminal/text/cells.ts';

/** Of a larger screen the lower left part is shown. */
const MOST_COLUMNS = 300;
const MOST_ROWS = 100;

/** Bytes that the frames of one pane may have in a second, over all rooms that watch it; one that is larger is paid off by the wait after it. */
export const PANE_BYTES_A_SECOND = 100_000;

/** Bytes of a frame from here on are compressed. */
const PACKED_FROM = 400;
/** A frame that is longer than this, in characters or bytes, is none of ours. */
const LONGEST_FRAME = 2 * 1024 * 1024;
const LONGEST_BYTES = 4 * 1024 * 1024;

const frameSchema = z.strictObject({
	/** Grows by one with each frame of this pane. */
	number: z.int().min(1),
	/** It shows the whole screen: nothing before it matters. */
	isWhole: z.boolean(),
	columns: z.int().min(2).max(MOST_COLUMNS),
	rows: z.int().min(1).max(MOST_ROWS),
	/** Which program runs in it, '' for none. */
	run: z.string().max(60),
	/** Why nothing may be typed into it from elsewhere, '' where it may. */
	refuses: z.enum(['', 'off']),
	/** Why keys of a room were not typed. */
	untyped: z.strictObject({room: z.string().max(200), why: z.enum(['off', 'ended', 'late', 'unseen'])}).optional(),
	/** What draws the change on a screen that is as the frame before has left it. */
	bytes: z.string().max(LONGEST_FRAME),
	isPacked: z.boolean(),
});
export type Frame = Omit<z.output<typeof frameSchema>, 'bytes' | 'isPacked'> & {readonly bytes: Uint8Array};

/** A frame as the text that goes through Redis. */
export const frameText = ({bytes, ...frame}: Frame): string => {
	const isPacked = bytes.length >= PACKED_FROM;
	const sent = isPacked ? deflateRawSync(bytes) : bytes;
	return JSON.stringify({...frame, bytes: Buffer.from(sent).toString('base64'), isPacked});
};

/** Reads what came as a frame; undefined for what is none. Never throws. */
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

/** How much of a screen is shown elsewhere. */
export const sizeOf = ({columns, rows}: {readonly columns: number; readonly rows: number}) => ({
	columns: Math.min(MOST_COLUMNS, columns),
	rows: Math.min(MOST_ROWS, rows),
});

export type Drawn = {readonly isWhole: boolean; readonly columns: number; readonly rows: number; readonly bytes: Uint8Array};

/**
 * What changed on a screen since it was asked last, as bytes that draw it on another one: cells' own clean text, places and colours, the cursor, and
 * the modes that keys depend on. Undefined where nothing did; all of it where `isWhole`, or where the size is another.
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
		// Written behind its back: it has moved the cursor. What stands there goes with every change, since it is short.
		writer.forget();
		writer.take();
		const bytes = `${isWhole ? '\x1bc' : ''}${painted}${stands}`;
		standing = stands;
		return {isWhole, columns, rows, bytes: Buffer.from(bytes)};
	};
};
