import type {Patch} from '../../../core/change/diff.ts';
import type {WholeTask} from '../../../core/task/task.ts';
import type {Drawing} from '../../draw/context.ts';
import {keyLabel} from '../../keymap/keymap.ts';
import type {DiffItem} from '../../model/diff.ts';
import type {TaskPage} from '../../state/pages.ts';
import {lookOf} from '../../state/state.ts';
import {windowStart} from '../../text/box.ts';
import {cut, type Line, span, spread} from '../../text/text.ts';
import {countsOf, type DiffStyle, digitsOf, fileRow, kindOf, windowOf} from './diff-lines.ts';
import {itemsOn} from './task.ts';

export type DiffContent = {readonly title: Line; readonly titleRight: Line; readonly lines: readonly Line[]; readonly selected: number};

const OF: Readonly<Record<Patch['of'], string>> = {
	branch: '',
	worktree: ' · worktree, incl. uncommitted',
	merged: ' · as merged',
};

const fileList = (patch: Patch, at: number, columns: number, most: number): readonly Line[] => {
	const from = windowStart(patch.files.length, most, at);
	const width = Math.max(...patch.files.slice(from, from + most).map(file => countsOf(file).length));
	return patch.files.slice(from, from + most).map((file, index): Line => {
		const kind = cut(kindOf(file), Math.max(12, Math.floor(columns / 3)));
		const left: Line = [
			span(from + index === at ? '▸' : ' '),
			span(cut(file.path, columns - width - kind.length - 6), from + index === at ? 'strong' : 'plain'),
		];
		return spread(left, [span(kind === '' ? '' : `${kind}  `, 'dim'), span(`${countsOf(file).padStart(width)} `)], columns);
	});
};

const place = (patch: Patch, item: DiffItem | undefined, items: readonly DiffItem[], cursor: number, columns: number): Line => {
	const file = patch.files[item?.at ?? -1];
	if (!file) return [span('─── comments on no file ', 'dim')];
	const hunk = items.slice(0, cursor + 1).findLast(other => other.kind === 'hunk' && other.at === item?.at);
	const of = file.hunks.length;
	const number = hunk?.kind === 'hunk' ? hunk.number : Math.min(1, of);
	return fileRow(file, columns, of > 0 ? `hunk ${number} of ${of}` : '');
};

const nothing = (words: string, columns: number): readonly Line[] => [[], [span(` ${cut(words, columns - 2)}`, 'dim')]];

const emptyWords = (task: WholeTask, {state, snapshot}: Drawing): string => {
	const look = state.looks.patch[task.id];
	if (!look || (look.isAsked && !look.value)) return 'Reading diff…';
	if (look.value) return `No changes against ${snapshot.repository.base}.`;
	if (!snapshot.redis.isConnected) return 'Redis disconnected: the diff loads when it reconnects.';
	return task.attempt === 0 ? 'Not started.' : 'No diff: neither its commit nor its worktree is on this machine.';
};

/** A task's change with its comments. `rows` and `columns` are inside the frame. */
export const diffContent = (task: WholeTask, page: TaskPage, drawing: Drawing, columns: number, rows: number): DiffContent => {
	const {state, snapshot, keymap, isAscii} = drawing;
	const patch = lookOf(state, 'patch', task.id);
	const items = itemsOn(state, snapshot, task.id);
	if (!patch || items.length === 0)
		return {title: [span('4 Diff')], titleRight: [], lines: nothing(emptyWords(task, drawing), columns), selected: -1};
	const cursor = Math.max(0, Math.min(items.length - 1, page.cursor));
	const item = items[cursor];
	const key = (action: string): string =>
		keyLabel(keymap.rows.find(row => row.scope === 'task' && row.action === action)?.keys[0] ?? '', isAscii);
	const listRows = rows >= 16 ? Math.min(patch.files.length, Math.max(3, Math.floor(rows / 6))) : 0;
	const list = listRows > 0 ? fileList(patch, Math.max(0, item?.at ?? 0), columns, listRows) : [];
	const style: DiffStyle = {
		columns,
		digits: digitsOf(patch.files),
		isWrapped: page.isWrapped,
		clockOffset: snapshot.clockOffset,
		answer: key('comment'),
	};
	const room = Math.max(1, rows - list.length - 1);
	const windowed = windowOf(items, cursor, room, style);
	// Not repeated if the file's own row is the first visible one.
	const top = items[windowed.first];
	const isOnTop = top?.kind === 'file' && top.at === item?.at && windowed.lines.length > 1;
	const shown = isOnTop ? windowOf(items, cursor, room + 1, style) : windowed;
	const head = isOnTop ? list : [...list, place(patch, item, items, cursor, columns)];
	return {
		title: [
			span('4 Diff '),
			span(`+${patch.added}`, 'good'),
			span(' '),
			span(`-${patch.removed}`, 'removed'),
			span(` · ${patch.total} ${patch.total === 1 ? 'file' : 'files'}${OF[patch.of]}`),
		],
		titleRight: [span(`${key('previous-stop')} prev  ${key('next-stop')} next`, 'dim')],
		lines: [...head, ...shown.lines],
		selected: head.length + shown.selected,
	};
};

/** `+96 -16`, '' without a visible change. */
export const diffCounts = (task: string, {state}: Drawing): string => {
	const patch = lookOf(state, 'patch', task);
	return patch ? `+${patch.added} -${patch.removed}` : '';
};
