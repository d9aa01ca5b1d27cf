import {createElement, Fragment, type ReactNode} from 'react';

/** Keys elements by position: a screen row is identified by its place, not its content. */
export const inPlace = <Item>(items: readonly Item[], draw: (item: Item, index: number) => ReactNode): ReactNode =>
	createElement(Fragment, null, ...items.map(draw));
