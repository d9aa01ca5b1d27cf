import type {Part} from '../hooks/kinds.ts';
import {kindOf, pageKindOf} from '../screen/registry.ts';
import {type Dialog, pageOf, type ViewState} from '../state/state.ts';
import {DialogPanel, PageBoxes} from './content.tsx';

/**
 * What draws a dialog; undefined where it is a line in the last row. A kind without a component of its own says what it has to say in rows (its
 * `content`), which one component draws for all of them: it leaves that behind by having a `Part`.
 */
export const partOfDialog = (dialog: Dialog | undefined): Part | undefined => {
	if (!dialog) return undefined;
	const {Part, content} = kindOf(dialog);
	return Part ?? (content ? DialogPanel : undefined);
};

/** The same of the page on top: without a component of its own it gives its boxes. */
export const partOfPage = (state: ViewState): Part => {
	const page = pageOf(state);
	return (page && pageKindOf(page).Part) ?? PageBoxes;
};
