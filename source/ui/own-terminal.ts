import {ASK_BACKGROUND, FOLLOW_BACKGROUND, readBackground} from './background.ts';
import {type Palette, paletteOf} from './draw/palette.ts';
import type {Traits} from './traits.ts';

export type OwnTerminal = {
	/** Bytes that bring the terminal into the view's own modes: at the start, and whenever another program has had it. */
	enter(): string;
	/** An answer of the terminal. True where the screen looks different by it. */
	hear(bytes: Uint8Array): boolean;
	readonly palette: Palette;
};

/**
 * What the view and the person's terminal say to each other beside pictures and keys: the background that colours must go with. The first
 * picture does not wait for the answer, which may be a slow line away.
 */
export const createOwnTerminal = ({theme, colors, isLight: guess, isSilent, isStill, hasMouse}: Traits): OwnTerminal => {
	const goesByBackground = (theme === 'auto' || theme === 'daltonized') && colors !== 'none' && !isSilent;
	let isLight = guess;
	let hasAsked = false;
	return {
		enter: () => {
			const ask = goesByBackground && !hasAsked ? ASK_BACKGROUND : '';
			hasAsked = true;
			return `${hasMouse ? '\u001b[?1000h\u001b[?1006h' : ''}${isStill ? '\u001b[2 q' : ''}${goesByBackground ? FOLLOW_BACKGROUND : ''}${ask}`;
		},
		hear: bytes => {
			const told = readBackground(bytes);
			if (!told || !goesByBackground || isLight === (told === 'light')) return false;
			isLight = told === 'light';
			return true;
		},
		get palette() {
			return paletteOf(theme, isLight);
		},
	};
};
