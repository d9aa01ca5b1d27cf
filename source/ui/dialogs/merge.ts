import {FINAL_STATES} from '../../core/task/task.ts';
import {CHECK_SIGNS, verdictRows} from '../draw/check.ts';
import type {Drawing} from '../draw/context.ts';
import {confirm, offers, widthIn} from '../draw/dialog-box.ts';
import type {DialogContent} from '../state/descriptor.ts';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {decisionOn} from '../state/open.ts';
import {checkOf} from '../state/reading.ts';
import type {Dialog, ViewState} from '../state/state.ts';
import {paragraph} from '../text/blocks.ts';
import {cut, type Line, said, span} from '../text/text.ts';

/** Merges a task before others. What is safe goes at once; else it is asked for, with the reasons. Nothing is skipped by it. */
export const mergeNow = (state: ViewState, id: string, context: Context): Updated => {
	const task = context.snapshot.team.tasks.get(id);
	if (!task || task.state === 'merged') return refuse(state, `${id || 'What is not there'} is merged already.`, context);
	if (FINAL_STATES.includes(task.state)) return refuse(state, `${id} is ${task.state}: there is nothing to merge.`, context);
	// What waits for a person's word is asked on the card where that word is given.
	if (task.asks !== '') return unchanged({...state, dialog: decisionOn(task)});
	const {verdict, reason} = checkOf(task, {...context, state});
	if (verdict === 'RUNNING') return unchanged(say(state, `${id}: ${reason}.`, context.now));
	if (verdict === 'SAFE') return and(state, {type: 'dispatch', action: {type: 'merge-task', task: id}});
	return unchanged({...state, dialog: {kind: 'merge', task: id}});
};

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
