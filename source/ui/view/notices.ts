import type {Environment} from '../../core/config/display-words.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {allDone, type Need, needs} from '../model/attention.ts';
import {serverNow} from '../model/time.ts';

/** One sentence for a user who looks away; safe on any terminal, at most `MOST` cells. */
export type Notice = {readonly kind: Need['kind']; readonly text: string};

export type Seat = {
	/** Its reported focus, and the time of the last key. */
	person(): {readonly hasFocus: boolean; readonly lastKeyAt: number};
	tell(notice: Notice): void;
};

export type NoticeBook = {
	/** Adds a terminal; what is already asked is on its screen. Returns the function that removes it. */
	sit(seat: Seat, snapshot: RoomSnapshot, now: number): () => void;
	/** After a change and periodically: notifies of what is new if no one looks. `now` is this machine's clock. */
	look(snapshot: RoomSnapshot, now: number): void;
};

/** Without a key for this long, ms, the user is away. */
const AWAY_MS = 6000;
/** Questions closer together than this, ms, are notified together. */
const GAP_MS = 3000;
const MOST = 160;

const textOf = (fresh: readonly Need[]): string => {
	const [first] = fresh;
	if (first && fresh.length === 1) return `${first.who} ${first.text}`.trim();
	const names = [...new Set(fresh.map(({who}) => who).filter(Boolean))];
	const more = names.length > 4 ? `, and ${names.length - 4} more` : '';
	return `new for you: ${names.slice(0, 4).join(', ')}${more}`;
};

/**
 * What the user was notified of, over all terminals of a room. Guarantees: a question is notified at most once, however many terminals show
 * it; never while the user is at one of them; and not once it is answered. Goes to the terminal used last and to `onNotice`, even without a
 * terminal.
 */
export const createNoticeBook = ({
	done = false,
	onNotice = () => undefined,
}: {
	/** Whether to notify of the end of all work too. */
	readonly done?: boolean;
	readonly onNotice?: (notice: Notice) => void;
} = {}): NoticeBook => {
	const seats = new Set<Seat>();
	let known: ReadonlySet<string> | undefined;
	let toldAt = Number.NEGATIVE_INFINITY;

	const wanted = (snapshot: RoomSnapshot, now: number): readonly Need[] => {
		const end = done ? allDone(snapshot) : undefined;
		return [...needs(snapshot, serverNow(snapshot, now)), ...(end ? [end] : [])];
	};
	const remember = (all: readonly Need[]): void => {
		known = new Set(all.map(({id}) => id));
	};
	return {
		sit: (seat, snapshot, now) => {
			remember(wanted(snapshot, now));
			seats.add(seat);
			return () => void seats.delete(seat);
		},
		look: (snapshot, now) => {
			const all = wanted(snapshot, now);
			// Questions from before the first terminal are not new.
			if (!known) return remember(all);
			const before = known;
			const fresh = all.filter(({id}) => !before.has(id));
			known = new Set(all.filter(({id}) => before.has(id)).map(({id}) => id));
			const people = [...seats].map(seat => ({seat, ...seat.person()}));
			const isHere = people.some(({hasFocus, lastKeyAt}) => hasFocus && now - lastKeyAt <= AWAY_MS);
			if (fresh.length === 0 || isHere || now - toldAt < GAP_MS) return;
			toldAt = now;
			remember(all);
			const notice: Notice = {kind: fresh[0]?.kind ?? 'asks', text: cleanText(textOf(fresh), MOST)};
			const [last] = people.sort((one, other) => other.lastKeyAt - one.lastKeyAt);
			last?.seat.tell(notice);
			onNotice(notice);
		},
	};
};

/** The sequence of a desktop notification; undefined: bell only. */
export type NoticeForm = 'osc9' | 'osc777' | 'osc99';

const FORMS: readonly (readonly [name: RegExp, form: NoticeForm])[] = [
	[/kitty/i, 'osc99'],
	[/iterm/i, 'osc9'],
	[/wezterm|ghostty|foot|rxvt|konsole|contour|vte/i, 'osc777'],
];

const formOfName = (name: string): NoticeForm | undefined => FORMS.find(([pattern]) => pattern.test(name))?.[1];

/** By the terminal's environment; a multiplexer passes on the variables it was started with. */
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

/** Asks for the terminal's name and version (XTVERSION), the only source over SSH. */
export const ASK_NAME = '\u001b[>q';
/** The name in the reply, undefined for other replies. */
export const readName = (bytes: Uint8Array): string | undefined =>
	/^\x1bP>\|([\x20-\x7e]{1,60})\x1b\\$/.exec(String.fromCharCode(...bytes.subarray(0, 80)))?.[1];
export const formOfTerminal = formOfName;

const TITLE = 'agent-room';

const sequence = (form: NoticeForm, text: string): string => {
	// A number and a semicolon at the start would be another command.
	if (form === 'osc9') return `\u001b]9;${text.replaceAll(';', ',')}\u0007`;
	if (form === 'osc777') return `\u001b]777;notify;${TITLE};${text.replaceAll(';', ',')}\u0007`;
	return `\u001b]99;i=${TITLE}:d=0;${TITLE}\u001b\\\u001b]99;i=${TITLE}:p=body;${text}\u001b\\`;
};

/** A notice as bytes: the bell, and the terminal's sequence. `passthrough`: wraps it for tmux to pass on. The text is already clean. */
export const noticeBytes = (
	text: string,
	{bell, form, passthrough}: {readonly bell: boolean; readonly form: NoticeForm | undefined; readonly passthrough: boolean},
): string => {
	const shown = form ? sequence(form, text) : '';
	const wrapped = shown && passthrough ? `\u001bPtmux;${shown.replaceAll('\u001b', '\u001b\u001b')}\u001b\\` : shown;
	return `${bell ? '\u0007' : ''}${wrapped}`;
};
