import {aboveInputBox} from '../../core/text/input-box.ts';
import type {Screen} from '../../core/text/screen.ts';
import type {PaneHandle, RoomStore} from '../../store/room.ts';
import {paneModeBytes} from '../../terminal/screen/answers.ts';
import type {Tile} from '../state/descriptor.ts';
import type {Rect} from '../text/layout.ts';
import type {OwnTerminal} from './terminal.ts';

/** A program draws its dialogs whole from this size on. */
const LEAST = {columns: 80, rows: 24} as const;
/** Panes that are passed on the way to another are not resized, ms. */
const RESTING_MS = 300;
/** Whoever typed this recently, here or at another terminal, has set the size, ms. */
const TYPED_MS = 10_000;

export type ShownPane = {
	readonly handle: PaneHandle | undefined;
	readonly rect: Rect | undefined;
	/**
	 * Shows another agent's pane, or the same elsewhere. `isOwn`: typed into or zoomed, so it takes its rectangle's size at once; otherwise
	 * when it has been shown there for a moment and nobody types, but never less than 80x24.
	 */
	show(agent: string, rect: Rect | undefined, isOwn: boolean): void;
	/** The user types here: the last to type sets the size. */
	claimSize(): void;
	/** Bytes that set the pane's modes while typing, and reset them otherwise; '' if unchanged. */
	modeBytes(isTyping: boolean): string;
	/** Another program used the terminal: its modes were reset. */
	forgetModes(): void;
	close(): void;
};

/** The pane that a view shows; `own` has the terminal's present modes. Follows the store's handle of its agent through restarts. */
export const createShownPane = (store: RoomStore, onChange: () => void, own: Pick<OwnTerminal, 'modes' | 'modesIn'>): ShownPane => {
	let handle: PaneHandle | undefined;
	let rect: Rect | undefined;
	let stop = (): void => {};
	let sized = '';
	let resting: NodeJS.Timeout | undefined;
	let modes = own.modes();

	const claim = (least: {readonly columns: number; readonly rows: number}): void => {
		if (!handle || !rect || rect.columns < 2 || rect.rows < 1) return;
		const [columns, rows] = [Math.max(least.columns, rect.columns), Math.max(least.rows, rect.rows)];
		if (handle.screen.columns !== columns || handle.screen.rows !== rows) handle.resize(columns, rows);
	};
	const isTypedInto = (): boolean => performance.now() - (handle?.typedAt?.() ?? Number.NEGATIVE_INFINITY) < TYPED_MS;
	const claimSize = (): void => claim({columns: 2, rows: 1});
	const claimLater = (ms: number, isFree: boolean): void => {
		resting = setTimeout(() => (isTypedInto() && !isFree ? claimLater(TYPED_MS, false) : claim(LEAST)), ms).unref();
	};
	return {
		get handle() {
			return handle;
		},
		get rect() {
			return rect;
		},
		show: (agent, place, isOwn) => {
			const next = agent && place ? store.pane(agent) : undefined;
			if (next !== handle) {
				stop();
				handle = next;
				sized = '';
				stop = next ? next.onChange(onChange) : () => {};
			}
			rect = place;
			// Only once for each place, so that two terminals do not resize one pane in turns.
			const wanted = place ? `${agent} ${place.columns}x${place.rows}${isOwn ? ' own' : ''}` : '';
			if (wanted === sized) return;
			// Whoever leaves the pane has decided its size until now.
			const isFree = sized.endsWith(' own');
			sized = wanted;
			clearTimeout(resting);
			if (wanted && isOwn) claimSize();
			else if (wanted) claimLater(RESTING_MS, isFree);
		},
		claimSize,
		modeBytes: isTyping => {
			const next = isTyping && handle ? own.modesIn(handle.modes) : own.modes();
			const bytes = paneModeBytes(modes, next);
			modes = next;
			return bytes;
		},
		forgetModes: () => {
			modes = own.modes();
		},
		close: () => {
			clearTimeout(resting);
			stop();
		},
	};
};

export type ShownTiles = {
	/** Panes besides the one that takes keys; followed while they are shown, their sizes are left alone. */
	show(tiles: readonly Tile[]): void;
	readonly shown: readonly {readonly screen: Screen; readonly rect: Rect; readonly isSelected: boolean}[];
	close(): void;
};

/** `onChange`: a tile has changed, the selected one or another. */
export const createShownTiles = (store: RoomStore, onChange: (isSelected: boolean) => void): ShownTiles => {
	const kept = new Map<string, {readonly handle: PaneHandle; readonly stop: () => void}>();
	let shown: ShownTiles['shown'] = [];
	let selected = '';
	const show = (tiles: readonly Tile[]): void => {
		const wanted = new Map(tiles.map(({agent}) => [agent, store.pane(agent)]));
		for (const [agent, {handle, stop}] of kept)
			if (wanted.get(agent) !== handle) {
				stop();
				kept.delete(agent);
			}
		for (const [agent, handle] of wanted)
			if (handle && !kept.has(agent)) kept.set(agent, {handle, stop: handle.onChange(() => onChange(agent === selected))});
		selected = tiles.find(({isSelected}) => isSelected)?.agent ?? '';
		shown = tiles.flatMap(({agent, rect}) => {
			const screen = kept.get(agent)?.handle.screen;
			return screen ? [{screen, rect, isSelected: agent === selected}] : [];
		});
	};
	return {
		show,
		get shown() {
			return shown;
		},
		close: () => show([]),
	};
};

/** The last rows of output on a screen that are not blank, at most `lines`. */
export const tailOf = (screen: Screen | undefined, lines: number): readonly string[] => {
	if (!screen || lines <= 0) return [];
	const texts = Array.from({length: screen.rows}, (_, row) => screen.textOf(row));
	return aboveInputBox(texts.filter(text => text.trim() !== '')).slice(-lines);
};
