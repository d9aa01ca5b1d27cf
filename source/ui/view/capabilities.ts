import {DEFAULT_DISPLAY, type Display} from '../../core/config/display.ts';
import {type Environment, isOn} from '../../core/config/display-words.ts';
import {THEMES, type ThemeName} from '../../core/config/themes.ts';
import type {Colors} from '../../terminal/paint/pen.ts';

/** Asks a terminal for its background, and to report switches between dark and light. */
export const ASK_BACKGROUND = '\u001b]11;?\u0007';
export const FOLLOW_BACKGROUND = '\u001b[?2031h';

/** `COLORFGBG` ends in the background's colour number: white, or a bright one. */
export const isLightBy = (colours: string): boolean => {
	const background = /;(\d+)$/.exec(colours)?.[1];
	return background !== undefined && (background === '7' || Number(background) > 8);
};

const channel = (digits: string): number => Number.parseInt(digits, 16) / (16 ** digits.length - 1);

/** A terminal's report on its background: the colour, or a switch. Undefined for other replies. */
export const readBackground = (bytes: Uint8Array): 'light' | 'dark' | undefined => {
	const text = String.fromCharCode(...bytes.subarray(0, 64));
	const switched = /^\x1b\[\?997;([12])n$/.exec(text);
	if (switched) return switched[1] === '2' ? 'light' : 'dark';
	const [, red, green, blue] =
		/^\x1b\]11;rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})/i.exec(text) ??
		/^\x1b\]11;#([\da-f]{2})([\da-f]{2})([\da-f]{2})\b/i.exec(text) ??
		[];
	if (red === undefined || green === undefined || blue === undefined) return undefined;
	// Perceived brightness.
	return 0.299 * channel(red) + 0.587 * channel(green) + 0.114 * channel(blue) > 0.5 ? 'light' : 'dark';
};

/** Abilities of the user's terminal and preferences: its environment over the configuration. */
export type Capabilities = {
	readonly colors: Colors;
	readonly theme: ThemeName;
	/** A guess until the terminal reports its background. */
	readonly isLight: boolean;
	readonly isAscii: boolean;
	readonly hasMouse: boolean;
	/** Nothing blinks, and what no one types into is painted rarely. */
	readonly isStill: boolean;
	/** The terminal's cursor is on the selected row, for magnifiers and the like. */
	readonly showsCursor: boolean;
	/** The terminal would print queries: none are sent. */
	readonly isSilent: boolean;
	/** Over SSH the screen is painted less often, and a lone ESC waits longer. */
	readonly paneMs: number;
	readonly escapeMs: number;
	/** Impossible settings, as sentences. */
	readonly refusals: readonly string[];
};

/** Terminals with true colour, by TERM or TERM_PROGRAM; COLORTERM does not travel over SSH. */
const TRUE_COLOR = /direct|kitty|ghostty|wezterm|alacritty|foot|iterm|contour|rio/i;

const depthOf = ({TERM = '', COLORTERM = '', TERM_PROGRAM = '', WT_SESSION = ''}: Environment): Colors => {
	if (/truecolor|24bit/.test(COLORTERM) || TRUE_COLOR.test(`${TERM} ${TERM_PROGRAM}`) || WT_SESSION !== '') return 'truecolor';
	return TERM.includes('256') ? '256' : '16';
};

/** `FORCE_COLOR` (0 to 3) wins over `NO_COLOR`, and this over the terminal's ability; a theme narrows the rest. */
const colorsOf = (environment: Environment, theme: ThemeName): Colors => {
	const {NO_COLOR = '', FORCE_COLOR = '', TERM} = environment;
	const forced = (['none', '16', '256', 'truecolor'] as const)[Number(FORCE_COLOR === 'true' ? 1 : FORCE_COLOR)];
	if (FORCE_COLOR !== '' && forced) return theme === 'mono' ? 'none' : forced;
	if (NO_COLOR !== '' || TERM === 'dumb' || theme === 'mono') return 'none';
	return theme === 'ansi' ? '16' : depthOf(environment);
};

/** A locale with another charset than UTF-8: only ASCII is safe. */
const isOfOldLocale = ({LC_ALL, LC_CTYPE, LANG}: Environment): boolean => {
	const charset = /\.([^@]+)/.exec(LC_ALL || LC_CTYPE || LANG || '')?.[1];
	return charset !== undefined && !/^utf-?8$/i.test(charset);
};

/** Reads the attached terminal's environment, not the room's, over the configuration. */
export const capabilitiesOf = (environment: Environment, display: Display = DEFAULT_DISPLAY): Capabilities => {
	const {TERM = '', TMUX = '', SSH_CONNECTION = '', AGENT_ROOM_THEME: wanted = ''} = environment;
	const named = THEMES.find(theme => theme === wanted);
	const theme = named ?? display.theme;
	const isRemote = SSH_CONNECTION !== '';
	const isStill = isOn(environment.AGENT_ROOM_REDUCE_MOTION, display.reduceMotion);
	return {
		colors: colorsOf(environment, theme),
		theme,
		isLight: isLightBy(environment.COLORFGBG ?? ''),
		isAscii: isOn(environment.AGENT_ROOM_ASCII, display.ascii || isOfOldLocale(environment)),
		hasMouse: isOn(environment.AGENT_ROOM_MOUSE, display.mouse),
		isStill,
		showsCursor: isOn(environment.AGENT_ROOM_CURSOR),
		// The Linux console and old versions of screen print unknown sequences.
		isSilent: /^(dumb|linux|cons|vt\d|screen)/.test(TERM) && TMUX === '',
		paneMs: isStill ? 500 : isRemote ? 100 : 30,
		escapeMs: isRemote ? 50 : 25,
		refusals: wanted && !named ? [`Unknown theme \`${wanted}\`. Use one of ${THEMES.join(', ')}.`] : [],
	};
};
