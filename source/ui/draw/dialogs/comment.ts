import {nextRole} from '../../../core/pipeline.ts';
import {FINAL_STATES} from '../../../core/task.ts';
import {commentWords} from '../../state/comment.ts';
import type {Dialog} from '../../state/dialogs.ts';
import {area, paragraph} from '../blocks.ts';
import type {Drawing} from '../context.ts';
import {cut, type Line, said, span} from '../text.ts';
import type {DialogContent} from './dialog.ts';

const HANDED_IN: readonly string[] = ['review', 'audit', 'test', 'merge'];

/** What sending it does to the task as it stands now. */
const effect = ({snapshot}: Drawing, {task: id, severity}: Extract<Dialog, {kind: 'comment'}>): string => {
	const task = snapshot.team.tasks.get(id);
	if (task && FINAL_STATES.includes(task.state)) return `It comes too late: ${task.id} is ${task.state}.`;
	const isBack = task && severity === 'must-fix' && HANDED_IN.includes(task.stage) && task.state !== 'blocked';
	if (isBack) return `It goes back to ${task.home}, a ${nextRole(task.home, task)} answers it, and it is handed in anew.`;
	if (task?.state === 'leased' && !HANDED_IN.includes(task.stage))
		return 'Whoever works on it is told at once, and whoever reviews it later.';
	return 'Whoever works on it next reads it, and whoever reviews it.';
};

/** A person's comment on a place of a change: what it is about, how grave it is, and what follows. */
export const commentDialog = (drawing: Drawing, dialog: Extract<Dialog, {kind: 'comment'}>): DialogContent => {
	const {layout, state} = drawing;
	const {file, line, severity, quote} = dialog;
	const width = Math.min(92, layout.columns);
	const columns = width - 2;
	const place = file === '' ? 'the task as a whole' : `${file}${line > 0 ? `:${line}` : ''}`;
	const choice = (name: 'must-fix' | 'nit'): Line => [
		span(severity === name ? `(●) ${name}` : `( ) ${name}`, severity === name ? 'strong' : 'dim'),
	];
	return {
		title: [span(`Comment on ${said(dialog.task)}`, 'strong')],
		lines: [
			[span(` ${cut(place, columns - 2)}`, 'strong')],
			...(quote === '' ? [] : [[span(` ${cut(quote, columns - 2)}`, 'dim')] as Line]),
			[span(' '), ...choice('must-fix'), span('   '), ...choice('nit')],
			[],
			...area(commentWords(state, dialog), columns, layout.rows >= 24 ? 5 : 2),
			[],
			...paragraph(effect(drawing, dialog), columns, 2, 'dim'),
		],
		selected: -1,
		width,
		isHeavy: true,
	};
};
