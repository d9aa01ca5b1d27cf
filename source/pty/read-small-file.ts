import {closeSync, openSync, readSync} from 'node:fs';

/** Files of /proc say that they are empty, for which `readFileSync` takes 64 KB of memory each time; hundreds are read in one look. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/** A file of /proc as latin1; '' where it is gone or may not be read. */
export const readSmallFile = (file: string): string => {
	let descriptor: number;
	try {
		descriptor = openSync(file, 'r');
	} catch {
		return '';
	}
	try {
		let text = '';
		for (;;) {
			const count = readSync(descriptor, buffer, 0, buffer.length, null);
			text += buffer.toString('latin1', 0, count);
			if (count < buffer.length) return text;
		}
	} catch {
		// It ended between the two.
		return '';
	} finally {
		closeSync(descriptor);
	}
};
