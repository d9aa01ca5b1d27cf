import type {Column, ColumnName} from '../../model/board.ts';
import {cut, type Line, said, span} from '../text.ts';

export const NAMES: Readonly<Record<ColumnName, string>> = {
	queued: 'Queued',
	blocked: 'Blocked',
	working: 'Working',
	review: 'Review',
	merge: 'Merge',
	done: 'Done today',
};

const EMPTY: Readonly<Record<ColumnName, readonly string[]>> = {
	queued: ['Queue is empty.', '', 'n  new task'],
	blocked: ['Nothing is blocked.', '', 'What waits for others', 'or for you lands here.'],
	working: ['Nobody is at work.', '', '1  the agents'],
	review: ['Nothing to review.', '', 'Finished work', 'lands here.'],
	merge: ['Nothing to merge.', '', 'm  the merge train'],
	done: ['Nothing ended today.', '', 'w  what changed'],
};

/** What an empty column says: what it is, and the next key. */
export const emptyLines = (name: ColumnName, filter: string, columns: number): readonly Line[] =>
	(filter === '' ? EMPTY[name] : ['Nothing here matches.', '', 'esc shows all.']).map(
		(text): Line => [span(` ${cut(text, columns - 2)}`, 'dim')],
	);

/** `18`, or `3 of 18` while a filter hides some. */
export const countText = ({tasks, more, all}: Column): string => (tasks.length + more === all ? String(all) : `${tasks.length} of ${all}`);

/** A task in one line: `t-3 Tax rounding`. */
export const cardName = ({id, title}: Column['tasks'][number]): string => `${said(id)} ${said(title)}`;
