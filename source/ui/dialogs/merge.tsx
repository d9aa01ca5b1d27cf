import {Text} from 'ink';
import {memo} from 'react';
import type {Check} from '../../core/merge/checks.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {CHECK_SIGNS, verdictRows} from '../draw/check.ts';
import type {Drawing} from '../draw/context.ts';
import {widthIn} from '../draw/dialog-box.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {Confirm, type DialogOf, Gap, Offers, useDialog, useInner} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {T} from '../parts/tone.tsx';
import {and, type Context, refuse, say, type Updated, unchanged} from '../state/message.ts';
import {decisionOn} from '../state/open.ts';
import {checkOf} from '../state/reading.ts';
import type {ViewState} from '../state/state.ts';
import {paragraph} from '../text/blocks.ts';
import {cut, said} from '../text/text.ts';

/** Merges a task before others: at once if ready, else after confirming the reasons. Skips no check. */
export const mergeNow = (state: ViewState, id: string, context: Context): Updated => {
	const task = context.snapshot.team.tasks.get(id);
	if (!task || task.state === 'merged') return refuse(state, `${id || 'That task'} is already merged.`, context);
	if (FINAL_STATES.includes(task.state)) return refuse(state, `${id} is ${task.state}: nothing to merge.`, context);
	// Its forge merges it: it is asked how that stands.
	if (task.decision === 'pull') return and(state, {type: 'dispatch', action: {type: 'merge-task', task: id}});
	// What needs your approval is confirmed in that dialog.
	if (task.decision !== '') return unchanged({...state, dialog: decisionOn(task)});
	const {verdict, reason} = checkOf(task, {...context, state});
	if (verdict === 'RUNNING') return unchanged(say(state, `${id}: ${reason}.`, context.now));
	if (verdict === 'SAFE') return and(state, {type: 'dispatch', action: {type: 'merge-task', task: id}});
	return unchanged({...state, dialog: {kind: 'merge', task: id}});
};

const merge = (drawing: Drawing, {task: id}: DialogOf<'merge'>) => {
	const task = drawing.snapshot.team.tasks.get(id);
	const check = task && checkOf(task, drawing);
	const inner = widthIn(drawing) - 2;
	return {
		id: said(id),
		verdict: check ? verdictRows(check, inner) : [],
		open: check?.checks.filter(({state}) => state !== 'good') ?? [],
		isKnown: task !== undefined,
		isLow: drawing.layout.rows < 20,
		isHandedIn: task?.stage === 'test' || task?.stage === 'merge',
		inner,
	};
};

const HANDED_IN =
	'Moves the task to the front of the merge queue and retries a blocked merge. It still merges only after its tests pass on the merge commit.';

const OpenCheck = memo(({name, state, text}: Check) => {
	const {glyph, tone} = CHECK_SIGNS[state];
	return (
		<Text>
			<T tone={tone}>{`  ${glyph} `}</T>
			<T>{`${name.padEnd(10)}${cut(text, useInner() - 16)}`}</T>
		</Text>
	);
});

const MergeDialog = () => {
	const task = useDialog('merge', merge);
	if (!task?.isKnown)
		return (
			task && (
				<Confirm title="Merge?">
					<T>{`  ${task.id} no longer exists.`}</T>
				</Confirm>
			)
		);
	return (
		<Confirm title={`Merge ${task.id}?`}>
			<Rows lines={task.verdict} />
			{!task.isLow && <Gap />}
			{!task.isLow && task.open.map(check => <OpenCheck key={check.name} {...check} />)}
			{!task.isLow && task.open.length > 0 && <Gap />}
			<Rows
				lines={paragraph(task.isHandedIn ? HANDED_IN : 'Submit and review the task first.', task.inner, task.isLow ? 2 : 3, 'plain', 2)}
			/>
			<Gap />
			{task.isHandedIn && <Offers of="merge" />}
		</Confirm>
	);
};

export const MERGE: DialogKind<DialogOf<'merge'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{scope: 'merge', keys: ['esc', 'enter'], action: 'close', label: 'cancel (default)', help: 'cancel', group: '', order: 1},
		{scope: 'merge', keys: ['M'], action: 'merge', label: 'move to front', help: 'move to front', group: '', order: 2},
	],
	update: answered((closed, {task}, action) =>
		action === 'merge' ? and(closed, {type: 'dispatch', action: {type: 'merge-task', task}}) : undefined,
	),
	Part: MergeDialog,
	over: (state, {task}, context) =>
		context.snapshot.team.tasks.get(task)?.state === 'merged' ? closedBecause(state, `${task} is merged`, context) : undefined,
};
