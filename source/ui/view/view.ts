import {DEFAULT_DISPLAY, type Display} from '../../core/config/display.ts';
import type {RoomStore} from '../../store/room.ts';
import type {HintsSeen, SavedState, TerminalTools} from '../../store/terminal.ts';
import {mouseBytes, parseLeader} from '../../terminal/input/bytes.ts';
import type {Token} from '../../terminal/input/keys.ts';
import {createInputRouter} from '../../terminal/input/router.ts';
import {NO_MODES} from '../../terminal/screen/answers.ts';
import {unseenCard} from '../dialogs/card.ts';
import type {Drawing} from '../draw/context.ts';
import {createKeymap, keyLabel} from '../keymap/keymap.ts';
import {type KeyOverrides, withLeader} from '../keymap/overrides.ts';
import {hasOnlyPrinted} from '../model/printed.ts';
import {environmentWith, noticesWith, switchesOf} from '../model/settings.ts';
import {OWN_LISTS} from '../panels/panels.ts';
import {createReadingScreen} from '../panels/scroll.ts';
import {KEYS} from '../screen/keys.ts';
import {overflowOf} from '../screen/overflow.ts';
import {isOfCells} from '../screen/registry.ts';
import {update} from '../screen/update.ts';
import {layoutFor} from '../state/folded.ts';
import {type Command, type Context, type Message, say} from '../state/message.ts';
import {chosenId} from '../state/selection.ts';
import {initialState} from '../state/state.ts';
import {attentionCell, textOfSurfaces} from '../surfaces/pointing.ts';
import {createSurfaces} from '../surfaces/surfaces.tsx';
import {outside} from '../text/layout.ts';
import {capabilitiesOf} from './capabilities.ts';
import {keepFiles} from './kept-files.ts';
import {createNoticeBook, type NoticeBook} from './notices.ts';
import {createFrameScheduler, createPainter, type Picture} from './paint.ts';
import {createShownPane, createShownTiles, tailOf} from './pane.ts';
import {keysOfMouse} from './pointer.ts';
import {createShownCard} from './question.ts';
import {containedBy, createStateKeeper, followRecord, isOfRecord} from './saved-state.ts';
import {createOwnTerminal, type TmuxFacts} from './terminal.ts';
import {lookThen, tellResult, tellResults, withTerminal} from './terminal-tools.ts';

export {prepareSurfaces} from '../../terminal/screen/ink-surface.tsx';

export type View = {
	/** Bytes of the user's terminal, split anywhere. */
	input(bytes: Uint8Array): void;
	resize(columns: number, rows: number): void;
	/** The surrounding tmux, as found by the terminal client. */
	tmux(facts: TmuxFacts): void;
	/** Ends the view: writes nothing more, except what resets a pane's modes. */
	close(): void;
};

export type ViewOptions = {
	readonly store: RoomStore;
	readonly columns: number;
	readonly rows: number;
	/** Of the attached terminal: abilities and preferences (`capabilities.ts`). */
	readonly environment: Readonly<Record<string, string>>;
	/** Takes the view's own bytes; the alternate screen is the terminal client's. */
	readonly write: (bytes: string) => void;
	readonly control: (message: {readonly type: 'detach' | 'stopped' | 'suspend'}) => void;
	/** This machine's clock, epoch ms. */
	readonly now: () => number;
	readonly keys?: KeyOverrides;
	/** Configuration, overridden by the environment. */
	readonly display?: Display;
	/** Takes a failure of this screen, to close it: it must not reach the room and its agents. */
	readonly onBroken?: (error: unknown) => void;
	/** Takes an exception of a part, whose place shows it until `redraw`. */
	readonly onPartBroken?: (part: string, error: unknown) => void;
	/** What the user was notified of, on all terminals. */
	readonly notices?: NoticeBook;
	/** Runs the user's editor and pager; without it they are refused with a sentence. */
	readonly terminalTools?: TerminalTools;
	/** Hints already seen; without it each view shows all once. */
	readonly hintsSeen?: HintsSeen;
	/** What the user's earlier view saved, and where this one saves. */
	readonly memory?: SavedState;
};

/** Time after a key in a pane during which its output is painted at once, ms. */
const ECHO_MS = 60;
/** Delay of room changes, ms: ten drawings a second at most; four after a while without keys. */
const ROOM_MS = 100;
const UNWATCHED_ROOM_MS = 250;
const UNWATCHED_AFTER_MS = 10_000;
/** A last key younger than this means typing, ms. */
const TYPING_MS = 400;

/** A terminal's view of the room: keys in, cells out. Selection, mode and size are its own, everything else is shared. */
export const createView = (options: ViewOptions): View => {
	const {store, write, control, now, terminalTools, display = DEFAULT_DISPLAY} = options;
	const contained = containedBy(options.onBroken);
	let capabilities = capabilitiesOf(options.environment, display);
	const keymap = createKeymap(KEYS, withLeader(options.keys, options.environment.AGENT_ROOM_LEADER));
	const own = createOwnTerminal({
		capabilities,
		environment: options.environment,
		notify: display.notify,
		book: options.notices ?? createNoticeBook(),
		answerKey: keyLabel(keymap.rows.find(row => row.action === 'next-attention')?.keys[0] ?? '', capabilities.isAscii),
		write,
		now,
		snapshot: store.getSnapshot(),
	});
	let {columns, rows} = options;
	const [refused] = [...keymap.refusals.map(({text}) => `keys: ${text}`), ...capabilities.refusals];
	const switches = switchesOf(options.environment, capabilities, display, store.getSnapshot().settings);
	const first = {
		...initialState,
		switches,
		knowsWayBack: options.hintsSeen?.knowsWayBack() ?? false,
		isDemo: options.environment.AGENT_ROOM_DEMO === '1',
	};
	const stateKeeper = createStateKeeper(options.memory);
	let state = stateKeeper.begin(refused ? say(first, refused, now(), true) : first);
	let [isClosed, isFeeding] = [false, false];
	let typedAt = Number.NEGATIVE_INFINITY;
	let inputAt = performance.now();
	let marked: ReturnType<typeof attentionCell>;

	const layout = () => layoutFor({columns, rows}, state, {snapshot: store.getSnapshot(), now: now()}, OWN_LISTS);
	const context = (): Context => ({
		snapshot: store.getSnapshot(),
		layout: layout(),
		keymap,
		now: now(),
		paneOf: store.pane,
		overflow: wanted => overflowOf({...drawing(), state: wanted}),
	});
	const reading = createReadingScreen();
	const surfaces = createSurfaces({
		onLate: () => queueMicrotask(() => !isClosed && painter.pane(picture())),
		onBroken: (part, error) => options.onPartBroken?.(part, error),
	});
	const picture = (isSelectedOnly = false): Picture => {
		const read = reading.of(state.scroll, shown.rect);
		const screen = read ?? shown.handle?.screen;
		const panes = screen && shown.rect ? [{screen, ...shown.rect, anchor: 'bottom-left' as const, holes: []}] : [];
		// The frame of the pane that takes keys is below the tiles: they leave its place free.
		const holes = shown.rect && tiles.shown.length > 0 ? [outside(shown.rect)] : [];
		const others = tiles.shown.map(({screen, rect, isSelected}) => {
			return {screen, ...rect, anchor: 'bottom-left' as const, holes, isResting: isSelectedOnly && !isSelected};
		});
		const places = surfaces.shown.map(({rect, screen, isOver}) => ({...rect, screen, anchor: 'top-left' as const, holes: [], isOver}));
		const below = places.filter(({isOver}) => !isOver);
		const hasCursor = (state.typing !== '' || read !== undefined) && !state.dialog && panes.length > 0;
		return {
			panes: [...below, ...others, ...panes, ...places.filter(({isOver}) => isOver)],
			...(hasCursor ? {cursor: {pane: below.length + others.length}} : marked ? {cursor: {...marked, visible: true}} : {}),
		};
	};

	const shown = createShownPane(
		store,
		() => {
			if (state.typing) passModes();
			const isEcho = state.typing !== '' && performance.now() - typedAt < ECHO_MS;
			if (isEcho) frameScheduler.paneNow();
			else frameScheduler.paneSoon();
		},
		own,
	);
	const tiles = createShownTiles(store, isSelected => frameScheduler.tilesSoon(isSelected));
	const passModes = (isTyping = state.typing !== ''): void => {
		const bytes = shown.modeBytes(isTyping);
		if (bytes) write(bytes);
	};
	const painter = createPainter({
		columns,
		rows,
		capabilities,
		write: bytes => !isClosed && write(bytes),
		onPainted: () => {
			const card = unseenCard(state);
			if (card) shownCard.painted(card);
			else if (state.dialog) send({type: 'painted'});
		},
	});
	const shownCard = createShownCard({write, own, onShown: card => card === unseenCard(state) && send({type: 'painted'})});

	const tail = (agent: string, lines: number): readonly string[] => tailOf(store.pane(agent)?.screen, lines);
	const drawing = (): Drawing => {
		const paneAge = shown.handle?.age;
		return {state, snapshot: store.getSnapshot(), layout: layout(), keymap, now: now(), isAscii: capabilities.isAscii, paneAge, tail};
	};
	const draw = (): void => {
		const {pane, tiles: beside} = surfaces.show(drawing(), own.palette);
		tiles.show(beside);
		shown.show(pane?.agent ?? '', pane?.rect, state.typing !== '' || state.isZoomed);
		passModes();
		if (capabilities.showsCursor) marked = attentionCell(surfaces.shown);
		painter.screen(picture());
	};
	const frameScheduler = createFrameScheduler({
		paneMs: () => capabilities.paneMs,
		roomMs: () => (performance.now() - inputAt < UNWATCHED_AFTER_MS ? ROOM_MS : UNWATCHED_ROOM_MS),
		drawScreen: contained(draw),
		drawPane: contained(() => painter.pane(picture())),
		drawSelected: contained(() => painter.pane(picture(true))),
	});

	const send = (message: Message): void => {
		if (isClosed) return;
		const before = state;
		const next = update(state, message, context());
		state = next.state;
		for (const command of next.commands) perform(command);
		if (message.type === 'painted' ? before.toast !== state.toast : before !== state || message.type === 'snapshot') {
			const isTyping = state.typing !== '' && performance.now() - typedAt < TYPING_MS;
			if (message.type === 'snapshot') frameScheduler[isTyping ? 'screenLater' : 'screenSoon']();
			else if (!isFeeding) frameScheduler.screenNow();
		}
	};
	const perform = (command: Command): void => {
		if (command.type === 'dispatch') void tellResult(store.dispatch(command.action), send);
		else if (command.type === 'dispatch-all') void tellResults(command, store.dispatch, send);
		else if (command.type === 'web' || command.type === 'trial') void lookThen(command, store.look, perform, send);
		else if (command.type === 'redraw') {
			surfaces.retry();
			painter.redraw();
		} else if (command.type === 'switched') wear();
		else if (command.type === 'detach' || command.type === 'suspend') control({type: command.type});
		else if (command.type === 'stop')
			void tellResult(store.dispatch({type: 'stop-room', how: command.how}), send).then(isDone => isDone && control({type: 'stopped'}));
		else if (command.type === 'read')
			void store.whole(command.task).then(task => send({type: 'read', id: command.task, version: command.version, task}));
		else if (command.type === 'look') void look(command);
		else if (isOfRecord(command)) followRecord(command, store.past, send);
		else if (command.type === 'hint-seen') options.hintsSeen?.learnWayBack();
		else if (command.type === 'keep-files') void keepFiles(command, store.keepFile).then(send);
		else if (command.type === 'files') void store.files().then(files => send({type: 'files', files}));
		else if (command.type === 'keep') stateKeeper.keep(state, context());
		else if (command.type !== 'type')
			withTerminal(command, {terminalTools, isInTmux: Boolean(options.environment.TMUX), write: bytes => !isClosed && write(bytes)}, send);
		else {
			const mode = command.agent ? 'type' : 'room';
			if (router.mode !== mode) router.setMode(mode);
		}
	};
	const wear = (): void => {
		capabilities = capabilitiesOf(environmentWith(options.environment, state.switches), display);
		own.wear(capabilities, noticesWith(display.notify, state.switches));
		painter.wear(capabilities);
		passModes();
	};
	const look = async ({what, task}: Extract<Command, {type: 'look'}>): Promise<void> =>
		send({type: 'looked', what, task, value: await store.look(what, task)});
	const onRoomKey = (token: Token): void => {
		own.key();
		if (token.type === 'key') send({type: 'key', key: token.key, text: token.text});
		if (token.type === 'paste') send({type: 'paste', text: token.text});
		if (token.type === 'mouse') point(token);
	};
	/** The mouse presses keys on what the state shows now, painted or not. `leaves`: it first leaves the pane that is typed into. */
	const point = (token: Token & {type: 'mouse'}, leaves = false): void => {
		const {targets} = surfaces.show(drawing(), own.palette);
		const hole = surfaces.shown.find(({id}) => id === 'dialog')?.rect;
		const shows = {
			rows: textOfSurfaces(surfaces.shown, columns, rows),
			state,
			layout: layout(),
			hole,
			targets: targets(),
			chosen: chosenId(state, context()),
		};
		const pressed = keysOfMouse(token, {...shows, keymap, isAscii: capabilities.isAscii});
		if (leaves) send({type: 'leader'});
		for (const key of pressed) {
			if (typeof key !== 'string') send({type: 'choose', ...key});
			else if (keymap.leaders.includes(key)) send({type: 'leader'});
			else send({type: 'key', key, text: key.length === 1 ? key : ''});
		}
	};
	const paneMouse = (token: Token & {type: 'mouse'}): Uint8Array | undefined => {
		const bytes = shown.rect && shown.handle ? mouseBytes(token, {...shown.rect, modes: shown.handle.modes}) : undefined;
		const {x, y} = token;
		const isInPane =
			shown.rect && x >= shown.rect.x && x < shown.rect.x + shown.rect.columns && y >= shown.rect.y && y < shown.rect.y + shown.rect.rows;
		if (!bytes && y === layout().hints) point(token);
		// Whoever clicks elsewhere wants the room: the keys go there with the click.
		else if (!isInPane && token.action === 'press' && token.button === 0) point(token, true);
		return bytes;
	};
	const router = createInputRouter({
		leaders: keymap.leaders.flatMap(key => parseLeader(key) ?? []),
		onRoomKey,
		onPaneBytes: bytes => {
			own.key();
			shown.claimSize();
			typedAt = performance.now();
			store.pane(state.typing)?.write(bytes);
		},
		onLeader: (to, key) => {
			send(to === 'room' ? {type: 'leader'} : {type: 'key', key, text: ''});
			return state.typing !== '';
		},
		onPaneMouse: paneMouse,
		onFocus: own.focus,
		onReply: bytes => {
			if (!shownCard.hear(bytes) && own.hear(bytes)) frameScheduler.screenSoon();
		},
		paneModes: () => shown.handle?.modes ?? NO_MODES,
		isOldKeyboard: () => own.keyboard !== 'kitty',
		escapeMs: capabilities.escapeMs,
	});

	const onRoom = contained((): void => {
		own.look(store.getSnapshot());
		send({type: 'snapshot'});
	});
	let published = store.getSnapshot();
	const onPublished = (): void => {
		const before = published;
		published = store.getSnapshot();
		// Busy panes publish four times a second: where only their cells show it, the tick of the second is enough for the rest.
		if (!isOfCells(state) || !hasOnlyPrinted(before, published)) onRoom();
	};
	write(own.enter());
	const unsubscribe = store.subscribe(onPublished);
	const second = setInterval(onRoom, 1000);
	onRoom();
	frameScheduler.screenNow();

	return {
		input: contained((bytes: Uint8Array): void => {
			const before = state;
			inputAt = performance.now();
			isFeeding = true;
			router.feed(bytes);
			isFeeding = false;
			if (before !== state && !isClosed) frameScheduler.screenNow();
		}),
		resize: contained((width: number, height: number): void => {
			if (isClosed) return;
			[columns, rows] = [width, height];
			painter.resize(width, height);
			shown.forgetModes();
			write(own.enter());
			frameScheduler.screenNow();
		}),
		tmux: own.tmux,
		close: () => {
			if (isClosed) return;
			isClosed = true;
			own.close();
			stateKeeper.keep(state, context());
			passModes(false);
			clearInterval(second);
			unsubscribe();
			frameScheduler.close();
			router.dispose();
			shown.close();
			tiles.close();
			shownCard.close();
			painter.close();
			surfaces.close();
		},
	};
};
