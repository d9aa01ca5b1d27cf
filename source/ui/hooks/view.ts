import {createContext, use, useRef, useSyncExternalStore} from 'react';
import {DARK, type Palette} from '../../core/config/themes.ts';
import type {Drawing} from '../draw/context.ts';
import {share} from './share.ts';

/** What all surfaces of one view draw from: replaced as a whole by each message, tick and snapshot of the room, never changed. */
export type ViewStore = {
	get(): Drawing;
	/** What is drawn from now on. Who is drawn already learns of it when they are told. */
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
/** How the tones of this view look: two terminals of one room may have different themes. */
export const PaletteContext = createContext<Palette>(DARK);

/**
 * What a component shows, as plain data that is ready to be shown (`12s`, never a time). It renders only when that data changed; what is the same in
 * it keeps its identity, so that `memo` of a row is enough. Keep `select` the same function as long as it selects the same.
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
