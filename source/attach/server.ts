import type {Socket} from 'node:net';
import {encodeControl, encodeData, readFrames} from '../socket/frames.ts';
import type {AttachRequest} from '../socket/server.ts';
import {type RoomControl, readTerminalControl, type TerminalControl} from './protocol.ts';

export type AttachedTerminal = {
	readonly columns: number;
	readonly rows: number;
	readonly environment: Readonly<Record<string, string>>;
	/** Writes a whole picture or change, or drops it while the terminal does not read (`attachView`). */
	readonly write: (bytes: Uint8Array | string) => void;
	/** `detach`, `stopped` and `broken` close the view, `detach` and `broken` the connection too. */
	readonly control: (message: RoomControl) => void;
};

export type AttachableView = {
	input(bytes: Uint8Array): void;
	/** Repaints everything with all modes, even at the same size. */
	resize(columns: number, rows: number): void;
	close(): void;
	/** Reports of the terminal client, such as the exit of a program on its tty. */
	control?(message: TerminalControl): void;
};

export type Attached = {
	/** Detaches the terminal with the reason and closes the view. */
	end(message: RoomControl): void;
};

/** Unread bytes above which pictures are dropped. */
const UNREAD_LIMIT = 256 * 1024;
/** Time for the last message to be read before disconnecting, ms. */
const FAREWELL_MS = 2000;

/**
 * Connects a terminal client to a view. Guarantees: memory is bounded by `UNREAD_LIMIT` plus one picture, since pictures for a terminal
 * that does not read are dropped, and one full repaint (`resize` to the same size) follows once it has read all; the view is closed exactly
 * once, whichever side leaves, and then `onClose` is called.
 */
export const attachView = ({
	connection,
	request,
	createView,
	isLines = false,
	onClose = () => undefined,
}: {
	connection: Socket;
	request: AttachRequest;
	createView: (terminal: AttachedTerminal) => AttachableView;
	/** The view prints lines below the existing output instead of a screen. */
	isLines?: boolean;
	onClose?: () => void;
}): Attached => {
	let {columns, rows} = request;
	let view: AttachableView | undefined;
	let isEnded = false;
	let hasDropped = false;
	let rest: Buffer = Buffer.alloc(0);

	const close = (): void => {
		if (isEnded) return;
		isEnded = true;
		const closing = view;
		view = undefined;
		closing?.close();
		onClose();
	};
	const write = (bytes: Uint8Array | string): void => {
		if (isEnded || connection.destroyed) return;
		if (connection.writableLength > UNREAD_LIMIT) hasDropped = true;
		else if (!hasDropped) connection.write(encodeData(bytes));
	};
	const end = (message: RoomControl): void => {
		if (isEnded) return;
		close();
		// After `stopped` the room's server closes the connection, once it accepts no more: the client waits for that.
		if (message.type === 'stopped') return void connection.write(encodeControl(message));
		connection.end(encodeControl(message));
		setTimeout(() => connection.destroy(), FAREWELL_MS).unref();
	};
	const control = (message: RoomControl): void => {
		if (message.type === 'detach' || message.type === 'stopped' || message.type === 'broken') end(message);
		else if (!isEnded) connection.write(encodeControl(message));
	};

	connection.on('error', () => connection.destroy());
	connection.once('close', close);
	// A terminal client never half-closes: it has left.
	connection.once('end', () => connection.destroy());
	connection.on('drain', () => {
		if (!hasDropped) return;
		hasDropped = false;
		view?.resize(columns, rows);
	});
	connection.on('data', chunk => {
		const read = readFrames(rest, chunk);
		rest = read.rest;
		for (const frame of read.frames) {
			if (frame.kind === 'data') view?.input(frame.bytes);
			if (frame.kind === 'control') {
				const message = readTerminalControl(frame.value);
				if (message) view?.control?.(message);
			}
			if (frame.kind === 'resize') {
				({columns, rows} = frame);
				view?.resize(columns, rows);
			}
		}
		if (read.isBroken) connection.destroy();
	});
	connection.write(`${JSON.stringify({ok: true, code: 'ok', ...(isLines ? {data: 'lines'} : {})})}\n`);
	view = createView({columns, rows, environment: request.environment, write, control});
	if (isEnded) view.close();
	connection.resume();
	return {end};
};
