import type {Rect} from '../../layout.ts';
import type {BoxContent} from '../box.ts';
import type {Line} from '../text.ts';

/** What a click means: a thing of a column; '' for the column alone. Where several lie over each other the first one counts. */
export type Target = {readonly rect: Rect; readonly column: string; readonly id: string};

/** What covers the room: its top row, its boxes, how many rows of each of two columns do not fit, and whose pane is shown live in which cells. */
export type PageContent = {
	readonly header: Line;
	readonly boxes: readonly BoxContent[];
	readonly overflow: readonly [number, number];
	readonly targets?: readonly Target[];
	readonly pane?: {readonly agent: string; readonly rect: Rect} | undefined;
};

export const NO_OVERFLOW = [0, 0] as const;
