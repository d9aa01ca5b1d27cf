import type {Display} from '../../core/config/display.ts';
import type {Environment} from '../../core/config/display-words.ts';
import {hasTwoLooks, type Palette, paletteOf} from '../../core/config/themes.ts';
import type {PaneModes} from '../../core/text/screen.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type KeyboardKind, modesToType, NO_MODES, paneModeBytes} from '../../terminal/screen/answers.ts';
import {toAscii} from '../../terminal/text/ascii.ts';
import {needsYou} from '../model/attention.ts';
import {lookOf, STATUS_STYLES} from '../model/status-styles.ts';
import {serverNow} from '../model/time.ts';
import {ASK_BACKGROUND, type Capabilities, FOLLOW_BACKGROUND, readBackground} from './capabilities.ts';
import {ASK_NAME, formOfTerminal, type NoticeBook, noticeBytes, noticeForm, readName} from './notices.ts';

/** `2▲ 13● agent-room`: how many need you and run; short, since tmux shows the first 21 characters of a title. */
const titleOf = (snapshot: RoomSnapshot, now: number, isAscii: boolean): string => {
	const needs = needsYou(snapshot, serverNow(snapshot, now));
	const working = [...snapshot.team.agents.values()].filter(agent =>
		['working', 'review'].includes(STATUS_STYLES[lookOf(agent)].group),
	).length;
	const title = `${needs > 0 ? `${needs}▲ ` : ''}${working}● agent-room`;
	return isAscii ? toAscii(title) : title;
};

const titleBytes = (title: string): string => (title ? `\u001b]2;${title}\u0007` : '');

/** Queries the kitty keyboard protocol; terminals without it do not reply. */
const ASK_KEYBOARD = '\u001b[?u';
const HAS_KEYBOARD = /^\x1b\[\?\d+u$/;

/** A slow line behind a multiplexer: 200 ms each way, and time to read. */
const LAG_MS = 500;

/** The surrounding tmux, as found by the terminal client. */
export type TmuxFacts = {readonly passthrough: boolean; readonly isRemote: boolean; readonly terminal: string};

export type OwnTerminal = {
	/** Bytes that set the view's own modes and title: at the start, and after another program. */
	enter(): string;
	/** Takes a reply. True if the screen or the pane's modes must change. */
	hear(bytes: Uint8Array): boolean;
	/** After a change and periodically: title and notices. */
	look(snapshot: RoomSnapshot): void;
	key(): void;
	focus(isIn: boolean): void;
	tmux(facts: TmuxFacts): void;
	/** A switch changed: writes what the terminal must know; the caller repaints. */
	wear(capabilities: Capabilities, notify: Display['notify']): void;
	readonly palette: Palette;
	/** The view's modes, as far as panes have them too: mouse and a steady cursor. */
	modes(): PaneModes;
	modesIn(pane: PaneModes): PaneModes;
	readonly keyboard: KeyboardKind;
	/** Delay after a multiplexer's reply until its output is visible, ms. */
	readonly lagMs: number;
	close(): void;
};

/**
 * Exchange with the user's terminal besides pictures and keys: background colour, title, notices. The first picture waits for no reply,
 * which a slow line may delay.
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
	/** The key that opens what needs a human, as in the footer. */
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
	// Who opens the room is present.
	let keyAt = now();
	let hasFocus = true;
	let form = noticeForm(environment);
	let hasPassthrough = false;
	let isRemote = (environment.SSH_CONNECTION ?? '') !== '';
	// Until it replies; in tmux it does not.
	let keyboard: KeyboardKind = capabilities.isSilent ? 'old' : 'other';
	const modes = (): PaneModes => ({
		...NO_MODES,
		mouse: capabilities.hasMouse ? 'vt200' : 'none',
		cursorShape: capabilities.isStill ? 2 : 0,
	});
	// Tmux replies for the terminal outside, which the terminal client reports instead.
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
			// Already reported, or not asked so far: it may have changed meanwhile.
			if (goesByBackground() && !wentByBackground) write(`${FOLLOW_BACKGROUND}${ASK_BACKGROUND}`);
		},
		get palette() {
			return paletteOf(capabilities.theme, isLight);
		},
		close: leave,
	};
};
