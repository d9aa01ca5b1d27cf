// Apart from `display.ts`, so that commands need not load a schema for their flags (test/floors.test.ts).

/**
 * SGR parameters of each tone: the 16 ANSI colours only, always with an attribute or letter of the same meaning: under NO_COLOR the
 * compositor drops colours and keeps attributes.
 */
export type Palette = Readonly<
	Record<
		| 'plain'
		| 'dim'
		| 'strong'
		| 'badge'
		| 'danger'
		| 'stalled'
		| 'good'
		| 'working'
		| 'paused'
		| 'frozen'
		| 'typing'
		| 'warning'
		| 'removed'
		| 'keyword'
		| 'literal'
		| 'cursor',
		string
	>
>;

/** Coloured text also names its background, so that inverting works on every terminal and without colours. */
const COMMON = {plain: '', strong: '1', badge: '1;30;43', cursor: '7'} as const;

/** Bright colours: plain red and magenta are too dark on black. Muted is dim, since some dark themes use bright black as background. */
export const DARK: Palette = {
	...COMMON,
	dim: '2',
	danger: '1;91',
	stalled: '95',
	good: '92',
	working: '96',
	paused: '36',
	frozen: '7;34;47',
	typing: '7;96;40',
	warning: '1;93',
	removed: '91',
	keyword: '96',
	literal: '33',
};

/** Only what is readable on white: no yellow, cyan, green or bright letters. */
const LIGHT: Palette = {
	...COMMON,
	dim: '90',
	danger: '1;31',
	stalled: '35',
	good: '34',
	working: '34',
	paused: '90',
	frozen: '7;34;47',
	typing: '7;96;40',
	warning: '1;35',
	removed: '31',
	keyword: '1',
	literal: '35',
};

/** The eight colours that every terminal has. */
const ANSI: Palette = {
	...COMMON,
	dim: '2',
	danger: '1;31',
	stalled: '35',
	good: '32',
	working: '36',
	paused: '34',
	frozen: '7;34',
	typing: '7;36',
	warning: '1;33',
	removed: '31',
	keyword: '36',
	literal: '33',
};

/** Blue is good and orange is bad: safe for the common colour vision deficiencies. */
const DALTONIZED_DARK: Palette = {
	...DARK,
	danger: '1;33',
	stalled: '33',
	good: '96',
	working: '36',
	paused: '2',
	warning: '1;97',
	removed: '33',
	keyword: '1',
	literal: '95',
};
/** Orange is unreadable on white, so red stands for bad: it is not confused with blue. */
const DALTONIZED_LIGHT: Palette = {...LIGHT, stalled: '31', warning: '1;4'};

type Theme = {readonly dark: Palette; readonly light: Palette};

/** Themes for dark and light backgrounds; a new theme is one row. `auto` follows the terminal's background. */
const TABLE = {
	auto: {dark: DARK, light: LIGHT},
	dark: {dark: DARK, light: DARK},
	light: {dark: LIGHT, light: LIGHT},
	ansi: {dark: ANSI, light: ANSI},
	daltonized: {dark: DALTONIZED_DARK, light: DALTONIZED_LIGHT},
	mono: {dark: DARK, light: LIGHT},
} as const satisfies Readonly<Record<string, Theme>>;

export type ThemeName = keyof typeof TABLE;
export const THEMES = Object.keys(TABLE) as readonly ThemeName[];

export const paletteOf = (theme: ThemeName, isLight: boolean): Palette => TABLE[theme][isLight ? 'light' : 'dark'];

/** Whether a theme differs on a light background, so that the terminal must be asked for its own. */
export const hasTwoLooks = (theme: ThemeName): boolean => paletteOf(theme, true) !== paletteOf(theme, false);
