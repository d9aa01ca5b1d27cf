import {render} from 'ink';
import type {Screen} from '../core/screen.ts';
import {createCompositor} from '../terminal/compositor.ts';
import {createInkTerminal} from '../terminal/ink-terminal.ts';
import {createChromeRows, isSameArrangement} from './chrome-rows.ts';
import type {Frame} from './draw/frame.ts';
import {Chrome} from './ink/chrome.tsx';
import type {Traits} from './traits.ts';

/** What is put over the chrome. */
export type PanePicture = {
	readonly screen: Screen | undefined;
	readonly hasCursor: boolean;
	/** Where the terminal's cursor stands on the chrome; hidden without it. */
	readonly cursor?: {readonly x: number; readonly y: number} | undefined;
};

export type Painter = {
	/** Draws the chrome and then everything; `onPainted` comes when it stands on the terminal. */
	chrome(frame: Frame, pane: PanePicture): void;
	/** Brings the pane's cells up to date; the chrome stays. */
	pane(pane: PanePicture): void;
	/** The next chrome has another size, or the same on a terminal that shows something else; nothing is painted until it is there. */
	resize(columns: number, rows: number): void;
	/** Every cell is written again. */
	redraw(): void;
	close(): void;
};

/** Ink may keep a frame back for its throttle, and writes none where nothing changed: after this long, ms, it counts as painted. */
const SETTLE_MS = 20;
const HELD_MS = 5;

/**
 * Ink draws every new arrangement of the chrome into a virtual terminal, rows that only say something else are written there past it,
 * the pane's cells are put over it, and one compositor writes the difference. Panes never pass through React, and the terminal gets
 * nothing but the compositor's own bytes.
 */
export const createPainter = (options: {
	readonly columns: number;
	readonly rows: number;
	readonly traits: Traits;
	readonly write: (bytes: string) => void;
	readonly onPainted: () => void;
}): Painter => {
	let {columns, rows} = options;
	let frame: Frame | undefined;
	let picture: PanePicture = {screen: undefined, hasCursor: false};
	let isStale = true;
	let drawnAt = 0;
	let settle: ReturnType<typeof setTimeout> | undefined;
	const compositor = createCompositor({columns, rows, write: options.write, ...options.traits});

	const compose = (): void => {
		if (isStale || !frame || !drawing) return;
		const {pane, hole} = frame;
		const {screen, hasCursor, cursor} = picture;
		const place = screen && pane ? [{screen, ...pane.rect, anchor: 'bottom-left' as const, holes: hole ? [hole] : []}] : [];
		const shown = hasCursor && place.length > 0 ? {cursor: {pane: 0}} : cursor ? {cursor: {...cursor, visible: true}} : {};
		compositor.compose({chrome: drawing.ink.screen, panes: place, ...shown});
	};
	const tree = (shown: Frame) => <Chrome frame={shown} columns={columns} rows={rows} />;
	const start = (shown: Frame) => {
		const ink = createInkTerminal(columns, rows);
		const direct = createChromeRows(rows, ink.screen.write);
		ink.onFrame(() => {
			direct.repair();
			compose();
		});
		direct.show(shown, true);
		return {ink, direct, instance: render(tree(shown), {...ink.renderOptions, maxFps: 1000})};
	};
	const stop = (): void => {
		drawing?.instance.unmount();
		drawing?.instance.cleanup();
		drawing?.ink.dispose();
		drawing = undefined;
	};
	let drawing: ReturnType<typeof start> | undefined;

	/** A drawing in the last few milliseconds may still be with Ink; what stands longer has been composed. */
	const settled = (): void => {
		const left = HELD_MS - (performance.now() - drawnAt);
		settle = left > 0 ? setTimeout(settled, left) : undefined;
		if (settle) return;
		compose();
		options.onPainted();
	};

	return {
		chrome: (next, pane) => {
			const before = frame;
			frame = next;
			picture = pane;
			isStale = false;
			if (drawing && before && isSameArrangement(before, next)) {
				drawing.direct.show(next, false);
				compose();
			} else {
				drawnAt = performance.now();
				if (drawing) {
					drawing.direct.show(next, true);
					drawing.instance.rerender(tree(next));
				} else {
					drawing = start(next);
					compose();
				}
			}
			settle ??= setTimeout(settled, SETTLE_MS);
		},
		pane: pane => {
			picture = pane;
			compose();
		},
		resize: (width, height) => {
			[columns, rows, isStale] = [width, height, true];
			compositor.resize(width, height);
			// Also at the same size: the terminal comes back from another program, or has missed a picture.
			compositor.invalidate();
			// Ink draws differences against rows that a resized terminal has moved: a new size begins anew, so that no ghost remains.
			stop();
		},
		redraw: () => {
			compositor.invalidate();
			compose();
		},
		close: () => {
			isStale = true;
			clearTimeout(settle);
			stop();
		},
	};
};
