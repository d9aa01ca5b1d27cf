let made: Intl.Segmenter | undefined;

/**
 * Cuts a text into what a person sees as characters. Made for the first text that needs it, which a first frame hardly has: the first of a process
 * takes 13 ms. The packages that draw share it (`source/build.js`).
 */
export const graphemes = {
	segment: (text: string): Intl.Segments => {
		made ??= new Intl.Segmenter();
		return made.segment(text);
	},
};
