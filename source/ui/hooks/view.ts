import {createContext, use, useRef, useSyncExternalStore} from 'react';
import {DARK, type Palette} from '../../core/config/themes.ts';
import type {Drawing} from '../draw/context.ts';
import {share} from './share.ts';

/** The shared source of a view's surfaces: replaced as a whole by each message, tick and snapshot, never changed. */
export type ViewStore = {
	get(): Drawing;
	/** Sets the drawing; mounted components learn of it when notified. */
	put(next: Drawing): void;
	tell(): void;
	subscribe(listener: () => void): () => void;
};

export const createViewStore = (first: Drawing): ViewStore => {
	let drawing = first;
	const listeners = new Set<() => void>();
	return {
		get: () => drawing,
		put: next => {
			drawing = next;
		},
		tell: () => {
			for (const listener of [...listeners]) listener();
		},
		subscribe: listener => {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
};

export const ViewContext = createContext<ViewStore | undefined>(undefined);
/** The theme of this view: two terminals of one room may differ. */
export const PaletteContext = createContext<Palette>(DARK);

/**
 * A component's content as plain data, ready to show (`12s`, not a time). Renders only if it changed; unchanged parts keep their identity,
 * so that `memo` of a row suffices. Keep `select` stable.
 */
export const useView = <T>(select: (drawing: Drawing) => T): T => {
	const store = use(ViewContext);
	if (!store) throw new Error('a component of the screen stands outside of a view');
	const last = useRef<{drawing: Drawing; select: unknown; value: T} | undefined>(undefined);
	return useSyncExternalStore(store.subscribe, () => {
		const drawing = store.get();
		if (last.current?.drawing !== drawing || last.current.select !== select)
			last.current = {drawing, select, value: share(last.current?.value, select(drawing))};
		return last.current.value;
	});
};
