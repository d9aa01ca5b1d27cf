import type {BoxContent} from '../box.ts';
import type {Line} from '../text.ts';

/** What covers the room: its top row, its boxes, and how many rows of each of two columns do not fit. */
export type PageContent = {readonly header: Line; readonly boxes: readonly BoxContent[]; readonly overflow: readonly [number, number]};

export const NO_OVERFLOW = [0, 0] as const;
