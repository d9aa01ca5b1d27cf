import {Box} from 'ink';
import type {ReactNode} from 'react';
import type {Palette} from '../../core/config/themes.ts';
import {createInkSurface, flushSurfaces, type InkSurface} from '../../terminal/screen/ink-surface.tsx';
import type {Drawing} from '../draw/context.ts';
import {createViewStore, PaletteContext, ViewContext, type ViewStore} from '../hooks/view.ts';
import {centred, type Rect} from '../text/layout.ts';
import {type Arrangement, arrange} from './arrangement.ts';
import {Boundary} from './boundary.tsx';
import type {Place} from './part.ts';

export type Shown = Place & Pick<InkSurface, 'screen'>;

/** A view's surfaces: an Ink root for each rectangle besides the panes. */
export type Surfaces = {
	/** Updates all surfaces synchronously; one state change draws each changed part once. */
	show(drawing: Drawing, palette: Palette): Arrangement;
	readonly shown: readonly Shown[];
	/** Redraws failed parts. */
	retry(): void;
	close(): void;
};

type Kept = {
	readonly surface: InkSurface;
	readonly place: Place;
	readonly palette: Palette;
	readonly attempt: number;
	/** The last element: React skips identical ones. */
};

const isSame = (a: Rect, b: Rect): boolean => a.x === b.x && a.y === b.y && a.columns === b.columns && a.rows === b.rows;

const fitted = ({columns, rows}: Rect, surface: InkSurface): Rect => {
	const extent = surface.extent();
	return centred(columns, rows, extent.columns, extent.rows);
};

export const createSurfaces = (options: {
	/** Called when a surface drew after `show` had ended. */
	readonly onLate?: () => void;
	/** A part threw: its place says so until `retry`, the others continue. */
	readonly onBroken?: (part: string, error: unknown) => void;
}): Surfaces => {
	const kept = new Map<string, Kept>();
	let store: ViewStore | undefined;
	let shown: readonly Shown[] = [];
	let isShowing = false;
	let attempt = 0;
	const onChange = (): void => {
		if (!isShowing) options.onLate?.();
	};
	const treeOf = ({id, rect, isFitted, Part}: Place, palette: Palette, from: ViewStore): ReactNode => (
		<Boundary key={attempt} onBroken={error => options.onBroken?.(id, error)}>
			<PaletteContext value={palette}>
				<ViewContext value={from}>
					<Box flexDirection="column" width={isFitted ? undefined : rect.columns} height={isFitted ? undefined : rect.rows}>
						<Part rect={rect} />
					</Box>
				</ViewContext>
			</PaletteContext>
		</Boundary>
	);
	const put = (place: Place, palette: Palette, from: ViewStore): void => {
		const {id, rect} = place;
		const known = kept.get(id);
		const old = known?.place;
		if (known && old && isSame(old.rect, rect) && old.Part === place.Part && known.palette === palette && known.attempt === attempt) return;
		const surface = known?.surface ?? createInkSurface(rect.columns, rect.rows, onChange);
		if (old && (old.rect.columns !== rect.columns || old.rect.rows !== rect.rows)) surface.resize(rect.columns, rect.rows);
		kept.set(id, {surface, place, palette, attempt});
		surface.show(treeOf(place, palette, from));
	};
	const end = (id: string): void => {
		kept.get(id)?.surface.end();
		kept.delete(id);
	};
	const showNow = (drawing: Drawing, palette: Palette): Arrangement => {
		const next = arrange(drawing);
		for (const id of [...kept.keys()]) if (!next.places.some(place => place.id === id)) end(id);
		store ??= createViewStore(drawing);
		// Resized surfaces draw themselves; the others are notified afterwards, so that none draws at its old size.
		store.put(drawing);
		const from = store;
		for (const place of next.places) put(place, palette, from);
		store.tell();
		// So that a key's effect is in this picture.
		flushSurfaces();
		shown = next.places.flatMap(place => {
			const surface = kept.get(place.id)?.surface;
			return surface ? [{...place, rect: place.isFitted ? fitted(place.rect, surface) : place.rect, screen: surface.screen}] : [];
		});
		return next;
	};
	return {
		show: (drawing, palette) => {
			isShowing = true;
			try {
				return showNow(drawing, palette);
			} finally {
				isShowing = false;
			}
		},
		get shown() {
			return shown;
		},
		retry: () => {
			attempt++;
		},
		close: () => {
			for (const id of [...kept.keys()]) end(id);
			shown = [];
		},
	};
};
