import type {Line} from '../text.ts';

/** What a dialog shows; its size follows from its lines and `width` and is cut to the screen. */
export type DialogContent = {
	readonly title: Line;
	readonly titleRight?: Line;
	readonly footer?: Line;
	readonly lines: readonly Line[];
	readonly selected: number;
	readonly width: number;
	readonly isHeavy: boolean;
	/** Rows of the part that scrolls which do not fit. */
	readonly overflow?: number;
	/** Of a menu: the first row of each page. */
	readonly starts?: readonly number[];
};
