import type {Decision} from '../../state/dialogs.ts';
import {emptyEditor} from '../../state/editor.ts';

import {area} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, span} from '../text.ts';

/** Where the words of a rejection are written, below what they are about. */
export const wordLines = ({state, layout}: Drawing, dialog: Decision, columns: number, ask: string): readonly Line[] => [
	[span('─'.repeat(columns), 'dim')],
	[span(` ${cut(ask, columns - 2)}`, 'strong')],
	...area(state.words[dialog.task] ?? emptyEditor, columns, layout.rows >= 24 ? 5 : 2),
];
