// Apart from `display.ts`, so that no command has to load a schema for its flags (test/floors.test.ts).

/**
 * SGR parameters of each tone: the 16 ANSI colours only, always together with an attribute or a letter on the screen that says the
 * same, because the compositor drops colours under NO_COLOR and keeps the attributes.
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
		| 'cursor',
		string
	>
>;

/**
 * What stands in a colour names that of its letters too, as the background that inverting swaps for it: it reads the same on every
 * terminal, and stays inverse without colours.
 */
const COMMON = {plain: '', strong: '1', badge: '1;30;43', cursor: '7'} as const;

/**
 * Bright colours: the plain red and magenta of most terminals are too dark to be read on black, and no blue is bright enough on all. Muted
 * text is dim, since bright black is the background of some dark themes.
 */
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
};

/** Only what can be read on white: no yellow, no cyan and no green letters, and nothing bright. */
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
};

/** The eight colours that every terminal has, whatever its background. */
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
};

/** Blue is good and orange is bad: red and green, and blue and magenta, are one colour to many. */
const DALTONIZED_DARK: Palette = {
	...DARK,
	danger: '1;33',
	stalled: '33',
	good: '96',
	working: '36',
	paused: '2',
	warning: '1;97',
	removed: '33',
};
/** On white the orange of a terminal cannot be read: red, which nobody takes for blue, is bad. */
const DALTONIZED_LIGHT: Palette = {...LIGHT, stalled: '31', warning: '1;4'};

type Theme = {readonly dark: Palette; readonly light: Palette};

/** The themes, on a dark and on a light background: adding one is its row. `auto` goes by the terminal's own background. */
const TABLE = {
	auto: {dark: DARK, light: LIGHT},
	dark: {dark: DARK, light: DARK},
	light: {dark: LIGHT, light: LIGHT},
	ansi: {dark: ANSI, light: ANSI},
	daltonized: {dark: DALTONIZED_DARK, light: DALTONIZED_LIGHT},
	// The compositor draws it without its colours.
	mono: {dark: DARK, light: LIGHT},
} as const satisfies Readonly<Record<string, Theme>>;

export type ThemeName = keyof typeof TABLE;
export const THEMES = Object.keys(TABLE) as readonly ThemeName[];

/** The tones of a theme on a light or a dark background. */
export const paletteOf = (theme: ThemeName, isLight: boolean): Palette => TABLE[theme][isLight ? 'light' : 'dark'];

/** Whether a theme looks otherwise on a light background: then the terminal is asked for its own. */
export const hasTwoLooks = (theme: ThemeName): boolean => paletteOf(theme, true) !== paletteOf(theme, false);
