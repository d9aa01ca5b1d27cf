import type {Environment} from '../core/display-words.ts';

/** How a terminal shows a notice of the desktop: by which sequence; undefined where it can only ring. */
export type NoticeForm = 'osc9' | 'osc777' | 'osc99';

/** Terminals by a word in their name, as their environment or they themselves give it. */
const FORMS: readonly (readonly [name: RegExp, form: NoticeForm])[] = [
	[/kitty/i, 'osc99'],
	[/iterm/i, 'osc9'],
	[/wezterm|ghostty|foot|rxvt|konsole|contour|vte/i, 'osc777'],
];

const formOfName = (name: string): NoticeForm | undefined => FORMS.find(([pattern]) => pattern.test(name))?.[1];

/** By the environment of the terminal; a multiplexer hands on the variables of the terminal in which it was started. */
export const noticeForm = (environment: Environment): NoticeForm | undefined => {
	const {
		TERM = '',
		TERM_PROGRAM = '',
		LC_TERMINAL = '',
		KITTY_WINDOW_ID,
		GHOSTTY_RESOURCES_DIR,
		WEZTERM_PANE,
		WT_SESSION,
		VTE_VERSION,
	} = environment;
	if (WT_SESSION) return 'osc9';
	const given = [KITTY_WINDOW_ID && 'kitty', GHOSTTY_RESOURCES_DIR && 'ghostty', WEZTERM_PANE && 'wezterm', VTE_VERSION && 'vte'];
	return formOfName([TERM_PROGRAM, LC_TERMINAL, TERM, ...given].filter(Boolean).join(' '));
};

/** Asks a terminal for its name and version (XTVERSION), which over SSH nothing else tells. */
export const ASK_NAME = '\u001b[>q';
/** The name in an answer to it, undefined in any other answer. */
export const readName = (bytes: Uint8Array): string | undefined =>
	/^\x1bP>\|([\x20-\x7e]{1,60})\x1b\\$/.exec(String.fromCharCode(...bytes.subarray(0, 80)))?.[1];
export const formOfTerminal = formOfName;

const TITLE = 'agent-room';

const sequence = (form: NoticeForm, text: string): string => {
	// A number and a semicolon at the beginning would be another command of the same terminal.
	if (form === 'osc9') return `\u001b]9;${text.replaceAll(';', ',')}\u0007`;
	if (form === 'osc777') return `\u001b]777;notify;${TITLE};${text.replaceAll(';', ',')}\u0007`;
	return `\u001b]99;i=${TITLE}:d=0;${TITLE}\u001b\\\u001b]99;i=${TITLE}:p=body;${text}\u001b\\`;
};

/**
 * A notice as bytes: the bell, which works everywhere, and the sequence of a terminal that has one. `passthrough`: a tmux lies between, and
 * hands on what is wrapped for it. The text is clean already.
 */
export const noticeBytes = (
	text: string,
	{bell, form, passthrough}: {readonly bell: boolean; readonly form: NoticeForm | undefined; readonly passthrough: boolean},
): string => {
	const shown = form ? sequence(form, text) : '';
	const wrapped = shown && passthrough ? `\u001bPtmux;${shown.replaceAll('\u001b', '\u001b\u001b')}\u001b\\` : shown;
	return `${bell ? '\u0007' : ''}${wrapped}`;
};
