import {type Drawing, teamNow} from '../draw/context.ts';
import {ageInList} from '../model/time.ts';
import {conflictRows, selectedId} from '../state/rows.ts';
import {cell, cut, type Line, said, span, widthOf} from '../text/text.ts';
import {keyFor, type ListContent, type ListKind, noMatch, nothing} from './list.ts';

export const conflictsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = conflictRows(state, snapshot);
	if (rows.length === 0)
		return state.filters[6]
			? noMatch(state.filters[6], drawing)
			: nothing('No conflicts predicted.', 'Branches that would conflict', 'appear here.', `${keyFor(drawing, 'merges')}  merge queue`);
	const selected = selectedId(6, state, snapshot, now);
	const lines = rows.flatMap(({id, label, agents, files, since}): readonly Line[] => {
		const who = cut(agents, Math.floor(columns / 3));
		return [
			[
				span(id === selected ? '▸' : '!', 'warning'),
				span(`${cell(label, columns - 1 - widthOf(who) - 7)} ${who} `),
				span(`${ageInList(since, teamNow(drawing)).padStart(4)} `, 'dim'),
			],
			[span(`  ${filesText(files, columns - 3)}`, 'dim')],
		];
	});
	const ids = rows.flatMap(({id}) => [id, id]);
	return {lines, ids, selected: 2 * rows.findIndex(row => row.id === selected), total: rows.length, first: 0};
};

const filesText = (files: readonly string[], columns: number): string => {
	for (let count = files.length; count > 1; count--) {
		const text = `${files
			.slice(0, count)
			.map(text => said(text))
			.join(', ')}${count < files.length ? ` +${files.length - count}` : ''}`;
		if (widthOf(text) <= columns) return text;
	}
	const more = files.length > 1 ? ` +${files.length - 1}` : '';
	return `${cut(files[0] ?? '', Math.max(1, columns - more.length))}${more}`;
};

export const CONFLICTS: ListKind = {
	name: 'Conflicts',
	short: 'Confl.',
	content: conflictsList,
	total: (_drawing, content) => content().total,
};
