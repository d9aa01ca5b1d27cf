import type {Screen} from '../core/screen.ts';

/** How the input of an agent CLI begins: perhaps a frame, then a sign and a blank. */
const BEGINNING = /^[\s│┃|]*[❯›>]\s/;
/** An input of several lines is followed upwards this far. */
const MOST_ROWS = 12;

/**
 * What stands before the cursor in the input of the program on a screen; '' for an empty one. What stands behind the cursor is no text but a
 * suggestion, as these programs draw it. Undefined where the cursor is in no input that is known.
 */
export const inputBeforeCursor = ({textOf, cursor}: Pick<Screen, 'textOf' | 'cursor'>): string | undefined => {
	const lines: string[] = [];
	for (let row = cursor.y; row >= 0 && lines.length < MOST_ROWS; row--) {
		const line = row === cursor.y ? textOf(row).padEnd(cursor.x).slice(0, cursor.x) : textOf(row);
		const beginning = BEGINNING.exec(`${line} `);
		if (beginning) {
			lines.unshift(line.slice(beginning[0].length));
			return lines.join('\n').trim();
		}
		if (line.trim() === '' && row !== cursor.y) return undefined;
		lines.unshift(line);
	}
	return undefined;
};
