import type {Part} from '../hooks/kinds.ts';
import type {Rect} from '../text/layout.ts';

export type Place = {
	readonly id: string;
	readonly rect: Rect;
	/** As large as its content, centred in `rect`. */
	readonly isFitted?: boolean;
	/** A dialog is above the panes, everything else below. */
	readonly isOver?: boolean;
	readonly Part: Part;
};
