import {useMemo} from 'react';
import type {Drawing} from '../draw/context.ts';
import type {Page} from '../state/pages.ts';
import {shownPage} from '../state/state.ts';
import {useView} from './view.ts';

type PageOf<K extends Page['kind']> = Extract<Page, {kind: K}>;

/** The top page's content as data; undefined for another kind. Name `select` outside of the component. */
export const usePage = <K extends Page['kind'], Said>(kind: K, select: (drawing: Drawing, page: PageOf<K>) => Said): Said | undefined =>
	useView(
		useMemo(
			() =>
				(drawing: Drawing): Said | undefined => {
					const page = shownPage(drawing.state);
					return page?.kind === kind ? select(drawing, page as PageOf<K>) : undefined;
				},
			[kind, select],
		),
	);
