import {createTail, type Tail} from './tail.ts';

/** More than this within a window is a flood: nobody reads it as it comes, bytes and ms. */
const FLOOD_BYTES = 1024 * 1024;
const WINDOW_MS = 250;
/** Of a flood so much is shown: more than the lines above a screen hold. */
const SHOWN_BYTES = 192 * 1024;

export type FloodGate = {
	/** Takes output; what is to be shown is given on at once, or a window later. */
	take(bytes: Uint8Array): void;
	/** Gives on what is still held: the output has ended. */
	flush(): void;
};

/**
 * Passes plain output on to a screen, of a flood only the end of each window, with a line that says how much was left out: a screen keeps no
 * more of it, and drawing all of a gigabyte would cost the room half a minute of its processor.
 */
export const createFloodGate = (show: (bytes: Uint8Array) => void): FloodGate => {
	let beganAt = 0;
	let bytesInWindow = 0;
	let held: Tail | undefined;
	let timer: NodeJS.Timeout | undefined;
	const flush = (): void => {
		clearTimeout(timer);
		timer = undefined;
		beganAt = performance.now();
		bytesInWindow = 0;
		if (!held) return;
		const {bytes, dropped} = held.read();
		held = undefined;
		if (dropped === 0) {
			show(bytes);
			return;
		}
		// From the beginning of a line on: half a line, or half an escape sequence, is worse than none.
		const line = bytes.indexOf(0x0a);
		show(Buffer.from(`\r\n\u001b[0m[… ${dropped + line + 1} bytes are left out here …]\r\n`));
		show(bytes.subarray(line + 1));
	};
	return {
		take: bytes => {
			if (performance.now() - beganAt > WINDOW_MS) flush();
			bytesInWindow += bytes.length;
			if (bytesInWindow <= FLOOD_BYTES) {
				show(bytes);
				return;
			}
			held ??= createTail(SHOWN_BYTES);
			held.push(bytes);
			timer ??= setTimeout(flush, WINDOW_MS);
		},
		flush,
	};
};
