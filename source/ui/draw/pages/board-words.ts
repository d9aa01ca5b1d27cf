import {keyOf} from '../../keymap.ts';
import type {Column, ColumnName} from '../../model/board.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, said, span} from '../text.ts';

export const NAMES: Readonly<Record<ColumnName, string>> = {
	queued: 'Queued',
	blocked: 'Blocked',
	working: 'Working',
	review: 'Review',
	merge: 'Merge',
	done: 'Done today',
};

/** What a column is for, and the action whose key helps there. */
const EMPTY: Readonly<Record<ColumnName, {readonly words: readonly string[]; readonly action?: string; readonly does?: string}>> = {
	queued: {words: ['Queue is empty.', ''], action: 'new-task', does: 'new task'},
	blocked: {words: ['Nothing is blocked.', '', 'What waits for others', 'or for you lands here.']},
	working: {words: ['Nobody is at work.', ''], action: 'panel-1', does: 'the agents'},
	review: {words: ['Nothing to review.', '', 'Finished work', 'lands here.']},
	merge: {words: ['Nothing to merge.', ''], action: 'train', does: 'the merge train'},
	done: {words: ['Nothing ended today.', ''], action: 'changes', does: 'what changed'},
};

/** What an empty column says: what it is, and the next key. */
export const emptyLines = (name: ColumnName, filter: string, columns: number, {keymap, isAscii}: Drawing): readonly Line[] => {
	const {words, action, does} = EMPTY[name];
	const own = [...words, ...(action ? [`${keyOf(keymap, action, isAscii)}  ${does}`] : [])];
	return (filter === '' ? own : ['Nothing here matches.', '', `${keyOf(keymap, 'back', isAscii)} shows all.`]).map(
		(text): Line => [span(` ${cut(text, columns - 2)}`, 'dim')],
	);
};

/** `18`, or `3 of 18` while a filter hides some. */
export const countText = ({tasks, more, all}: Column): string => (tasks.length + more === all ? String(all) : `${tasks.length} of ${all}`);

/** A task in one line: `t-3 Tax rounding`. */
export const cardName = ({id, title}: Column['tasks'][number]): string => `${said(id)} ${said(title)}`;
