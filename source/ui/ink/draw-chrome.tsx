import {type RenderOptions, render} from 'ink';
import type {Frame} from '../draw/frame.ts';
import {Chrome} from './chrome.tsx';

/** What Ink draws on one terminal. */
export type InkDrawing = {
	/** Draws the frame anew; Ink writes what differs from its last one. */
	draw(frame: Frame): void;
	end(): void;
};

/** Lets Ink draw frames of `columns` by `rows` on the streams of `options`. */
export const createInkDrawing = (columns: number, rows: number, options: RenderOptions): InkDrawing => {
	let instance: ReturnType<typeof render> | undefined;
	return {
		draw: frame => {
			const tree = <Chrome frame={frame} columns={columns} rows={rows} />;
			if (instance) instance.rerender(tree);
			else instance = render(tree, {...options, maxFps: 1000});
		},
		end: () => {
			instance?.unmount();
			instance?.cleanup();
		},
	};
};
