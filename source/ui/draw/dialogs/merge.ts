import {checkOf} from '../../model/check.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {paragraph} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {CHECK_SIGNS, verdictRows} from '../pages/task-check.ts';
import {cut, type Line, said, span} from '../text.ts';
import {confirm, offers, widthIn} from './confirm.ts';
import type {DialogContent} from './dialog.ts';

/** A merge that the check does not call safe: why, and what merging now would do. */
export const mergeDialog = (drawing: Drawing, {task: id}: Extract<Dialog, {kind: 'merge'}>): DialogContent => {
	const task = drawing.snapshot.team.tasks.get(id);
	const inner = widthIn(drawing) - 2;
	if (!task) return confirm(drawing, 'Merge?', [[span(`  ${said(id)} is not known any more.`)]]);
	const check = checkOf(task, drawing);
	const open = check.checks.filter(({state}) => state !== 'good');
	const isShort = drawing.layout.rows < 20;
	const isHandedIn = task.stage === 'test' || task.stage === 'merge';
	const does = isHandedIn
		? 'It comes first in the queue for the train, and a landing that waits is tried again. Nothing is skipped: it lands when its tests have passed on what it would become.'
		: 'It cannot be merged before it is handed in and reviewed.';
	return confirm(drawing, `Merge ${said(id)}?`, [
		...verdictRows(check, inner),
		...(isShort ? [] : [[] as Line]),
		...(isShort ? [] : open).map((one): Line => {
			const {glyph, tone} = CHECK_SIGNS[one.state];
			return [span(`  ${glyph} `, tone), span(one.name.padEnd(10)), span(cut(one.text, inner - 16))];
		}),
		...(open.length > 0 && !isShort ? [[] as Line] : []),
		...paragraph(does, inner, isShort ? 2 : 3, 'plain', 2),
		[],
		...(isHandedIn ? offers(drawing, 'merge') : []),
	]);
};
