import {appendFileSync} from 'node:fs';
import {join} from 'node:path';
import type {RoomOptions} from '../parts/options.ts';

/**
 * A room in its own process logs to stderr, which is its log file; one in the foreground leaves the user's terminal alone. `onLine` gets each line
 * too.
 */
export const createLog = ({isForeground, stateFolder}: RoomOptions, onLine?: (line: string) => void): ((line: string) => void) => {
	const file = join(stateFolder, 'room.log');
	return line => {
		onLine?.(line);
		const text = `${new Date().toISOString()} ${line}\n`;
		try {
			if (isForeground) appendFileSync(file, text, {mode: 0o600});
			else process.stderr.write(text);
		} catch {
			// A full disk loses the line, never the room.
		}
	};
};
