import type {Part} from '../hooks/kinds.ts';
import type {Rect} from '../text/layout.ts';

/** A rectangle of the screen and what draws it. */
export type Place = {
	readonly id: string;
	readonly rect: Rect;
	/** As large as what stands in it, in the middle of `rect`. */
	readonly isFitted?: boolean;
	/** A dialog covers the panes, everything else lies below them. */
	readonly isOver?: boolean;
	readonly Part: Part;
};
