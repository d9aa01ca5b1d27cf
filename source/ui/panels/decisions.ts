import type {Drawing} from '../draw/context.ts';
import {keyOf} from '../keymap/keymap.ts';
import {decisionRows, selectedId} from '../state/rows.ts';
import {type Line, span, wrap} from '../text/text.ts';
import type {ListContent, ListKind} from './list.ts';

export const decisionsList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now, keymap, isAscii} = drawing;
	const rows = decisionRows(state, snapshot, now);
	const selected = Number(selectedId(5, state, snapshot, now) || '-1');
	const lines: Line[] = [];
	const ids: string[] = [];
	let first = -1;
	for (const [index, {glyph, tone, text: fact, keys}] of rows.entries()) {
		const text = keys ? `${fact} ${keys.actions.map(action => keyOf(keymap, action, isAscii)).join(', then ')} ${keys.does}` : fact;
		if (index === selected) first = lines.length;
		for (const [row, part] of wrap(text, columns - 3, 3).entries()) {
			ids.push(String(index));
			lines.push([span(row === 0 ? glyph : ' ', tone), span(` ${part}`, tone === 'danger' ? 'danger' : tone === 'dim' ? 'dim' : 'plain')]);
		}
	}
	return {lines, ids, selected: state.focus === 5 ? first : -1, total: rows.length, first: 0};
};

export const DECISIONS: ListKind = {name: 'Plan', short: 'Plan', content: decisionsList, isOwn: true};
