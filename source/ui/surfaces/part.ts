import type {ComponentType} from 'react';
import type {Rect} from '../text/layout.ts';

/** What every component of a surface is told: where it stands, and so how large it is. */
export type PartProps = {readonly rect: Rect};

/** A rectangle of the screen and what draws it. */
export type Place = {
	readonly id: string;
	readonly rect: Rect;
	/** As large as what stands in it, in the middle of `rect`. */
	readonly isFitted?: boolean;
	/** A dialog covers the panes, everything else lies below them. */
	readonly isOver?: boolean;
	readonly Part: ComponentType<PartProps>;
};
