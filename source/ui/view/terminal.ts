import type {Display} from '../../core/config/display.ts';
import type {Environment} from '../../core/config/display-words.ts';
import {hasTwoLooks, type Palette, paletteOf} from '../../core/config/themes.ts';
import type {PaneModes} from '../../core/text/screen.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type KeyboardKind, modesToType, NO_MODES, paneModeBytes} from '../../terminal/screen/answers.ts';
import {toAscii} from '../../terminal/text/ascii.ts';
import {attention} from '../model/attention.ts';
import {lookOf, STATUS_STYLES} from '../model/status-styles.ts';
import {serverNow} from '../model/time.ts';
import {ASK_BACKGROUND, type Capabilities, FOLLOW_BACKGROUND, readBackground} from './capabilities.ts';
import {ASK_NAME, formOfTerminal, type NoticeBook, noticeBytes, noticeForm, readName} from './notices.ts';

/** What needs an answer counts; what is only amiss does not. */
const ASKING = ['needs-input', 'logged-out', 'waiting'];

/** `2▲ 13● agent-room`: how many ask, how many work; short, since tmux shows the first 21 characters of a title. */
const titleOf = (snapshot: RoomSnapshot, now: number, isAscii: boolean): string => {
	const asking = attention(snapshot, serverNow(snapshot, now)).filter(({kind}) => ASKING.includes(kind)).length;
	const working = [...snapshot.team.agents.values()].filter(agent =>
		['working', 'review'].includes(STATUS_STYLES[lookOf(agent)].group),
	).length;
	const title = `${asking > 0 ? `${asking}▲ ` : ''}${working}● agent-room`;
	return isAscii ? toAscii(title) : title;
};

const titleBytes = (title: string): string => (title ? `\u001b]2;${title}\u0007` : '');

/** Asks a terminal for its kitty keyboard; one without it says nothing. */
const ASK_KEYBOARD = '\u001b[?u';
const HAS_KEYBOARD = /^\x1b\[\?\d+u$/;

/** A slow line behind a multiplexer: 200 ms each way, and somebody who reads. */
const LAG_MS = 500;

/** What the terminal end has found out about the tmux around it. */
export type TmuxFacts = {readonly passthrough: boolean; readonly isRemote: boolean; readonly terminal: string};

export type OwnTerminal = {
	/** Bytes that bring the terminal into the view's own modes, and its title: at the start, and whenever another program has had it. */
	enter(): string;
	/** An answer of the terminal. True if the screen looks different by it, or a pane's modes reach it in another form. */
	hear(bytes: Uint8Array): boolean;
	/** After a change of the room, and from time to time: the title, and what the user must be told. */
	look(snapshot: RoomSnapshot): void;
	/** The user has pressed a key. */
	key(): void;
	focus(isIn: boolean): void;
	tmux(facts: TmuxFacts): void;
	/** The user has switched something: what the terminal must be told of it is written, the picture is the caller's. */
	wear(capabilities: Capabilities, notify: Display['notify']): void;
	readonly palette: Palette;
	/** In which the room has the terminal, as far as they are a pane's too: clicks and the wheel at most, and a cursor that stands still. */
	modes(): PaneModes;
	/** In which the terminal is while the user types into a pane with these. */
	modesIn(pane: PaneModes): PaneModes;
	readonly keyboard: KeyboardKind;
	/** What a multiplexer has answered may reach the user's eyes this much later, ms. */
	readonly lagMs: number;
	close(): void;
};

/**
 * What the view and the user's terminal say to each other next to pictures and keys: the background that colours must go with, the title,
 * and notices for somebody who looks away. The first picture does not wait for an answer, which may be a slow line away.
 */
export const createOwnTerminal = ({
	environment,
	book,
	answerKey,
	write,
	now,
	snapshot,
	...first
}: {
	readonly capabilities: Capabilities;
	readonly environment: Environment;
	readonly notify: Display['notify'];
	readonly book: NoticeBook;
	/** The key that leads to what needs a human, as the footer writes it. */
	readonly answerKey: string;
	readonly write: (bytes: string) => void;
	readonly now: () => number;
	readonly snapshot: RoomSnapshot;
}): OwnTerminal => {
	let {capabilities, notify} = first;
	const goesByBackground = (): boolean => hasTwoLooks(capabilities.theme) && capabilities.colors !== 'none' && !capabilities.isSilent;
	let {isLight} = capabilities;
	let hasAsked = false;
	let title = '';
	// Whoever opens the room is there.
	let keyAt = now();
	let hasFocus = true;
	let form = noticeForm(environment);
	let hasPassthrough = false;
	let isRemote = (environment.SSH_CONNECTION ?? '') !== '';
	// Until it answers, and inside of tmux, which does not.
	let keyboard: KeyboardKind = capabilities.isSilent ? 'old' : 'other';
	const modes = (): PaneModes => ({
		...NO_MODES,
		mouse: capabilities.hasMouse ? 'vt200' : 'none',
		cursorShape: capabilities.isStill ? 2 : 0,
	});
	// Tmux answers in the place of the terminal outside of it, of which the terminal end tells.
	const isUnnamed = (): boolean => notify.desktop && !form && !capabilities.isSilent && !environment.TMUX;

	const leave = book.sit(
		{
			person: () => ({hasFocus, lastKeyAt: keyAt}),
			tell: ({kind, text}) => {
				const whole = kind === 'done' || !answerKey ? text : `${text} · ${answerKey} answers`;
				const canShow = notify.desktop && (!environment.TMUX || hasPassthrough);
				write(
					noticeBytes(capabilities.isAscii ? toAscii(whole) : whole, {
						bell: notify.bell,
						form: canShow ? form : undefined,
						passthrough: hasPassthrough,
					}),
				);
			},
		},
		snapshot,
		now(),
	);
	return {
		enter: () => {
			const questions = `${goesByBackground() ? ASK_BACKGROUND : ''}${isUnnamed() ? ASK_NAME : ''}${capabilities.isSilent ? '' : ASK_KEYBOARD}`;
			const ask = hasAsked ? '' : questions;
			hasAsked = true;
			return `${paneModeBytes(NO_MODES, modes())}${goesByBackground() ? FOLLOW_BACKGROUND : ''}${titleBytes(title)}${ask}`;
		},
		hear: bytes => {
			if (HAS_KEYBOARD.test(String.fromCharCode(...bytes.subarray(0, 16)))) {
				const isNews = keyboard !== 'kitty';
				keyboard = 'kitty';
				return isNews;
			}
			const name = readName(bytes);
			if (name) form ??= formOfTerminal(name);
			const told = readBackground(bytes);
			if (!told || !goesByBackground() || isLight === (told === 'light')) return false;
			isLight = told === 'light';
			return true;
		},
		look: seen => {
			const next = titleOf(seen, now(), capabilities.isAscii);
			if (next !== title) write(titleBytes(next));
			title = next;
			book.look(seen, now());
		},
		key: () => {
			keyAt = now();
		},
		focus: isIn => {
			hasFocus = isIn;
		},
		get lagMs() {
			return isRemote && (environment.TMUX || environment.STY) ? LAG_MS : 0;
		},
		tmux: facts => {
			const {terminal} = facts;
			hasPassthrough = facts.passthrough;
			isRemote = facts.isRemote;
			form ??= formOfTerminal(terminal);
		},
		modes,
		modesIn: pane => modesToType(pane, modes(), keyboard, capabilities.isStill),
		get keyboard() {
			return keyboard;
		},
		wear: (next, wanted) => {
			const wentByBackground = goesByBackground();
			[capabilities, notify] = [next, wanted];
			// Told before, or not asked for until now: a terminal may have changed meanwhile.
			if (goesByBackground() && !wentByBackground) write(`${FOLLOW_BACKGROUND}${ASK_BACKGROUND}`);
		},
		get palette() {
			return paletteOf(capabilities.theme, isLight);
		},
		close: leave,
	};
};
