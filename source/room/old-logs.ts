import {closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {createHeadlessScreen} from '../terminal/headless-screen.ts';

/** Of a long log the end is enough for a person, bytes; the file has the rest. */
const END_BYTES = 256 * 1024;
const LINES = 1000;

const endOf = (file: string): Uint8Array => {
	const handle = openSync(file, 'r');
	try {
		const {size} = fstatSync(handle);
		const bytes = Buffer.alloc(Math.min(size, END_BYTES));
		return bytes.subarray(0, readSync(handle, bytes, 0, bytes.length, size - bytes.length));
	} finally {
		closeSync(handle);
	}
};

/** The last lines that a log ends with, as they stood on the screen. */
export const logLines = (file: string, lines: number): readonly string[] => {
	const screen = createHeadlessScreen({columns: 160, rows: 45, scrollback: LINES});
	screen.write(endOf(file));
	const last = screen.tail(lines);
	screen.dispose();
	return last;
};

/**
 * What the newest attempt of a task that nobody works on now had on its screen, as clean lines, and the file of its whole output.
 * Undefined where there is no log of it. The bytes are read by a headless screen, as they were when the attempt ran.
 */
export const lastLog = (stateFolder: string, task: string): {readonly lines: readonly string[]; readonly file: string} | undefined => {
	const folder = join(stateFolder, 'logs');
	if (!existsSync(folder)) return undefined;
	const newest = readdirSync(folder)
		.filter(name => name.startsWith(`${task}-`) && /^[a-z]+-\d+\.log$/.test(name.slice(task.length + 1)))
		.map(name => join(folder, name))
		.map(file => ({file, at: statSync(file).mtimeMs}))
		.toSorted((a, b) => b.at - a.at)[0];
	if (!newest) return undefined;
	return {lines: logLines(newest.file, LINES), file: newest.file};
};
