import {PassThrough, Writable} from 'node:stream';
import {createHeadlessScreen, type HeadlessScreen} from './screen.ts';

type FakeOutput = NodeJS.WritableStream & {readonly isTTY: true; columns: number; rows: number};
type FakeInput = NodeJS.ReadableStream & {
	readonly isTTY: true;
	setRawMode(isRaw: boolean): FakeInput;
	ref(): FakeInput;
	unref(): FakeInput;
};

export type InkTerminal = {
	/** What Ink has drawn. */
	readonly screen: HeadlessScreen;
	/** Options for Ink's `render`: its streams, and what it must do and leave in a room. */
	readonly renderOptions: {
		readonly stdout: FakeOutput;
		readonly stdin: FakeInput;
		readonly stderr: NodeJS.WritableStream;
		readonly interactive: true;
		readonly alternateScreen: true;
		readonly incrementalRendering: true;
		readonly patchConsole: false;
		readonly exitOnCtrlC: false;
	};
	/** Ink hears of it at once and draws again. */
	resize(columns: number, rows: number): void;
	/** Called after each whole frame, never in the middle of one; returns the way to stop. */
	onFrame(listener: () => void): () => void;
	dispose(): void;
};

/**
 * A terminal of a fixed size for Ink, without a tty: what Ink prints is parsed into a screen, and no key ever comes. What Ink writes
 * to stderr goes nowhere.
 */
export const createInkTerminal = (columns: number, rows: number): InkTerminal => {
	const screen = createHeadlessScreen({columns, rows, scrollback: 0, convertEol: true});
	const listeners = new Set<() => void>();
	const output = (onText: (text: string) => void): FakeOutput => {
		const stream = new Writable({
			decodeStrings: false,
			write: (chunk: string | Buffer, _encoding, done) => {
				onText(typeof chunk === 'string' ? chunk : chunk.toString());
				done();
			},
		});
		return Object.assign(stream, {isTTY: true as const, columns, rows});
	};
	const stdout = output(text => {
		screen.write(text);
		// Ink marks the beginning and the end of a frame as a synchronized update; what is between is half of it.
		if (!screen.isUpdating) for (const listener of [...listeners]) listener();
	});
	const stdin: FakeInput = Object.assign(new PassThrough(), {
		isTTY: true as const,
		setRawMode: () => stdin,
		ref: () => stdin,
		unref: () => stdin,
	});
	return {
		screen,
		renderOptions: {
			stdout,
			stdin,
			stderr: output(() => {}),
			interactive: true,
			alternateScreen: true,
			incrementalRendering: true,
			patchConsole: false,
			exitOnCtrlC: false,
		},
		resize: (width, height) => {
			if (width === stdout.columns && height === stdout.rows) return;
			stdout.columns = width;
			stdout.rows = height;
			screen.resize(width, height);
			stdout.emit('resize');
		},
		onFrame: listener => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		dispose: () => {
			listeners.clear();
			screen.dispose();
		},
	};
};
