import type {Action} from '../../core/protocol/action.ts';
import {FINAL_STATES, type Task} from '../../core/task/task.ts';
import type {Drawing} from '../draw/context.ts';
import {offers, widthIn} from '../draw/dialog-box.ts';
import {answered, closedBecause, type DialogKind} from '../hooks/kinds.ts';
import {Confirm, type DialogOf, Fact, Gap, Tell, useDialog} from '../parts/dialog.tsx';
import {Rows} from '../parts/row.tsx';
import {withoutMarks} from '../state/marks.ts';
import {and, type Context, say, type Updated} from '../state/message.ts';
import type {ViewState} from '../state/state.ts';
import {cut, said, span} from '../text/text.ts';

/** Performs one action, or many with a single report. */
export const doAll = (state: ViewState, actions: readonly Action[], word: string): Updated => {
	const [only] = actions;
	return and(state, actions.length === 1 && only ? {type: 'dispatch', action: only} : {type: 'dispatch-all', actions, word});
};

const confirmed = (state: ViewState, {actions, word, meanwhile}: DialogOf<'confirm'>, {now}: Context): Updated => {
	const closed = withoutMarks({...state, dialog: undefined});
	return doAll(meanwhile === undefined ? closed : say(closed, meanwhile, now), actions, word);
};

/** Whether all its tasks are already done; a failed task can still be cancelled or retried. */
const isMoot = ({actions}: DialogOf<'confirm'>, tasks: ReadonlyMap<string, Task>): boolean =>
	actions.every(action => {
		if (!('task' in action)) return false;
		const state = tasks.get(action.task)?.state ?? 'merged';
		return state !== 'failed' && FINAL_STATES.includes(state);
	});

export const Names = ({all}: {readonly all: readonly string[]}) => all.length > 1 && <Tell most={4}>{all.join('  ')}</Tell>;

const confirm = (drawing: Drawing, {title, question, names, facts, order}: DialogOf<'confirm'>) => ({
	...{title: said(title), question, names, facts},
	// The second answer is the order, in words.
	offers: offers(drawing, 'confirm').map((line, index) =>
		index === 1 ? [...line.slice(0, 2), span(cut(order, widthIn(drawing) - 12), 'strong')] : line,
	),
});

const ConfirmDialog = () => {
	const asked = useDialog('confirm', confirm);
	return (
		asked && (
			<Confirm title={asked.title}>
				<Tell tone="strong">{asked.question}</Tell>
				<Names all={asked.names} />
				<Gap />
				{asked.facts.map(([name, text]) => (
					<Fact key={`${name} ${text}`} name={name}>
						{text}
					</Fact>
				))}
				{asked.facts.length > 0 && <Gap />}
				<Rows lines={asked.offers} />
			</Confirm>
		)
	);
};

export const CONFIRM: DialogKind<DialogOf<'confirm'>> = {
	mode: 'CONFIRM',
	hasMarker: true,
	keys: [
		{
			scope: 'confirm',
			keys: ['esc', 'enter'],
			action: 'close',
			label: 'cancel (default)',
			help: 'cancel',
			group: '',
			order: 1,
		},
		{scope: 'confirm', keys: ['y'], action: 'do', label: 'yes', help: 'confirm', group: '', order: 2, isDanger: true},
	],
	update: answered((_closed, dialog, action, context, state) => (action === 'do' ? confirmed(state, dialog, context) : undefined)),
	Part: ConfirmDialog,
	over: (state, dialog, context) =>
		isMoot(dialog, context.snapshot.team.tasks) ? closedBecause(state, 'that has already ended', context) : undefined,
};
