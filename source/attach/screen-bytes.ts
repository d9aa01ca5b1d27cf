/** Title saved, alternate screen, cursor hidden, bracketed paste, focus events, an empty screen. */
export const ENTER = '\u001b[22;0t\u001b[?1049h\u001b[?25l\u001b[?2004h\u001b[?1004h\u001b[0m\u001b[2J\u001b[H';

/**
 * Takes back everything that a view, or a pane whose modes it passed on, can have switched on, in the order of RELIABILITY section 5:
 * keyboard protocol, mouse, focus, paste, synchronized output, cursor keys and keypad, theme reports, scroll region, autowrap, colours, cursor
 * shape, title, cursor, and the alternate screen last.
 */
export const RESTORE = [
	'\u001b[<9u',
	'\u001b[>4;0m',
	'\u001b[?9l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1005l\u001b[?1006l\u001b[?1015l',
	'\u001b[?1004l',
	'\u001b[?2004l',
	'\u001b[?2026l',
	'\u001b[?1l\u001b>',
	'\u001b[?2031l',
	'\u001b[r',
	'\u001b[?7h\u001b[?6l',
	'\u001b[0m',
	'\u001b[0 q',
	'\u001b[23;0t',
	'\u001b[?25h',
	'\u001b[?1049l',
].join('');
