/** Asks a terminal for its background, and to tell when a person switches between a dark and a light one. */
export const ASK_BACKGROUND = '\u001b]11;?\u0007';
export const FOLLOW_BACKGROUND = '\u001b[?2031h';

/** `COLORFGBG` ends in the number of the background's colour: white, or one of the bright ones. */
export const isLightBy = (colours: string): boolean => {
	const background = /;(\d+)$/.exec(colours)?.[1];
	return background !== undefined && (background === '7' || Number(background) > 8);
};

const channel = (digits: string): number => Number.parseInt(digits, 16) / (16 ** digits.length - 1);

/** What a terminal says about its background: the colour that was asked for, or that it has been switched. Undefined for other answers. */
export const readBackground = (bytes: Uint8Array): 'light' | 'dark' | undefined => {
	const text = String.fromCharCode(...bytes.subarray(0, 64));
	const switched = /^\x1b\[\?997;([12])n$/.exec(text);
	if (switched) return switched[1] === '2' ? 'light' : 'dark';
	const [, red, green, blue] =
		/^\x1b\]11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(text) ??
		/^\x1b\]11;#([\da-f]{2})([\da-f]{2})([\da-f]{2})\b/i.exec(text) ??
		[];
	if (red === undefined || green === undefined || blue === undefined) return undefined;
	// How bright the eye takes it for.
	return 0.299 * channel(red) + 0.587 * channel(green) + 0.114 * channel(blue) > 0.5 ? 'light' : 'dark';
};
