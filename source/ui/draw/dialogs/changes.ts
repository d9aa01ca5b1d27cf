import {keyOf} from '../../keymap.ts';
import {age, clock} from '../../model/ages.ts';
import type {News} from '../../model/digest.ts';
import {lentByChanges, newsOf} from '../../state/changes.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {type Drawing, teamNow} from '../context.ts';
import {cell, cut, type Line, span, widthOf} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const KIND = 10;
const COUNT = 4;

const newsLine = ({kind, count, text, note, key, tone}: News, isChosen: boolean, columns: number, {keymap, isAscii}: Drawing): Line => {
	// A key is named where it does that here: some of the room's mean something else in the digest.
	const [lent = ''] = keymap.rows.find(({scope, action}) => scope === 'room' && action === key)?.keys ?? [];
	const said = note === '' && key !== undefined && lentByChanges(lent, {keymap}) === key ? keyOf(keymap, key, isAscii) : note;
	const end = said === '' ? '' : ` ${cut(said, 18)}`;
	const left = columns - 2 - KIND - COUNT - widthOf(end) - 1;
	return [
		span(isChosen ? '▸ ' : '  '),
		span(cell(kind, KIND), 'dim'),
		span(cell(count > 0 ? String(count) : '', COUNT), tone === 'badge' ? 'strong' : tone),
		span(cell(text, left), tone === 'badge' ? 'strong' : tone === 'dead' ? 'dead' : 'plain'),
		span(end, 'dim'),
	];
};

/** What changed since this person looked last, kind by kind; enter goes there. */
export const changesDialog = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'changes'}>): DialogContent => {
	const {layout, snapshot} = drawing;
	const news = newsOf(dialog, drawing);
	const width = Math.min(88, layout.columns - (layout.columns >= 60 ? 4 : 0));
	const at = Math.min(dialog.index, news.length - 1);
	const since = `since you looked here last, ${clock(dialog.seen.at - snapshot.clockOffset)} (${age(teamNow(drawing) - dialog.seen.at)} ago)`;
	const gap: readonly Line[] = layout.rows >= 20 ? [[]] : [];
	const most = Math.max(1, layout.rows - 6 - gap.length * 3);
	const from = Math.max(0, Math.min(news.length - most, at - Math.floor(most / 2)));
	const lines = news.slice(from, from + most).map((one, row) => newsLine(one, from + row === at, width - 2, drawing));
	const nothing: readonly Line[] = [
		[span('  Nothing has changed.', 'dim')],
		[span(`  ${keyOf(drawing.keymap, 'board', drawing.isAscii)}  the board shows all tasks`, 'dim')],
	];
	return {
		title: [span('What changed', 'strong')],
		titleRight: [
			span(
				`${keyOf(drawing.keymap, 'changes', drawing.isAscii)} or ${keyOf(drawing.keymap, 'changes.close', drawing.isAscii)} closes`,
				'dim',
			),
		],
		footer: news.length > most ? [span(`${from + 1}-${from + lines.length} of ${news.length}`, 'dim')] : [],
		lines: [...gap, [span(`  ${cut(since, width - 6)}`, 'dim')], ...gap, ...(news.length > 0 ? lines : nothing), []],
		selected: -1,
		width,
		isHeavy: true,
	};
};
