import {createElement, Fragment, type ReactNode} from 'react';

/** One element for each item, told apart by its place: a row of a screen is the row where it stands, whatever it says. */
export const inPlace = <Item>(items: readonly Item[], draw: (item: Item, index: number) => ReactNode): ReactNode =>
	createElement(Fragment, null, ...items.map(draw));
