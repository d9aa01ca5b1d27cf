import type {Part} from '../hooks/kinds.ts';
import {kindOf} from '../screen/registry.ts';
import type {Dialog} from '../state/state.ts';
import {DialogPanel} from './content.tsx';

/**
 * What draws a dialog; undefined where it is a line in the last row. A kind without a component of its own says what it has to say in rows (its
 * `content`), which one component draws for all of them: it leaves that behind by having a `Part`.
 */
export const partOfDialog = (dialog: Dialog | undefined): Part | undefined => {
	if (!dialog) return undefined;
	const {Part, content} = kindOf(dialog);
	return Part ?? (content ? DialogPanel : undefined);
};
