import type {Action} from '../../../core/protocol/action.ts';
import {mergeNow} from '../../dialogs/merge.tsx';
import type {KeyRow} from '../../keymap/row.ts';
import {isGuardian, isHeld, lastMerged, mergeRows} from '../../model/merges.ts';
import {type Behaviour, moved} from '../../state/descriptor.ts';
import {and, type Context, refuse, type Updated, unchanged} from '../../state/message.ts';
import {decisionOn} from '../../state/open.ts';
import {taskOfPage} from '../../state/page-task.ts';
import type {MergesPage} from '../../state/pages.ts';
import type {ViewState} from '../../state/state.ts';

export const MERGES_KEYS: readonly KeyRow[] = [
	{
		scope: 'merges',
		keys: ['M'],
		action: 'merge',
		label: 'merge…',
		help: 'move to front…',
		group: '',
		order: 1,
		needs: 'handed-in',
	},
	{
		scope: 'merges',
		keys: ['B'],
		action: 'request-changes',
		label: 'request changes…',
		help: 'request changes…',
		group: '',
		order: 2,
		needs: 'handed-in',
	},
	{
		scope: 'merges',
		keys: ['K', 'shift+up'],
		action: 'sooner',
		label: 'move up',
		help: 'move up',
		group: '',
		order: 4,
		needs: 'handed-in',
	},
	{scope: 'merges', keys: ['J', 'shift+down'], action: 'later', label: '', help: 'move down', group: ''},
	{scope: 'merges', keys: ['P'], action: 'pause-merges', label: 'pause', help: 'pause / resume merging', group: '', order: 3},
	{
		scope: 'merges',
		keys: ['H'],
		action: 'revert',
		label: 'revert last…',
		help: 'revert last merge, or what broke the base…',
		group: '',
		order: 5,
		needs: 'merged',
	},
	{
		scope: 'merges',
		keys: ['u'],
		action: 'rebuild',
		label: 'rebuild',
		help: 'rebuild and retest',
		group: '',
		order: 6,
		needs: 'handed-in',
	},
	{
		scope: 'merges',
		keys: ['!'],
		action: 'trial',
		label: 'shell',
		help: 'shell at merge commit',
		group: '',
		order: 7,
		needs: 'handed-in',
	},
];

/** Entries around the chosen one to look up. */
const AROUND = 10;

export const mergesBehaviour: Behaviour<MergesPage> = {
	// Looks up facts of the entries around the chosen one, and its log.
	looksAt: (page, {snapshot}) => {
		const rows = mergeRows(snapshot);
		const at = Math.max(
			0,
			rows.findIndex(({task}) => task.id === page.selected),
		);
		const from = Math.max(0, at - AROUND);
		const chosen = rows[at]?.task;
		return [
			...rows.slice(from, from + 2 * AROUND).map(({task}) => ({what: 'facts', task: task.id}) as const),
			...(chosen?.testLog ? [{what: 'log', task: chosen.id} as const] : []),
		];
	},
	move: (page, move, {snapshot}) => {
		const ids = mergeRows(snapshot).map(row => row.task.id);
		return {...page, selected: ids[moved(move, Math.max(0, ids.indexOf(page.selected)), ids.length - 1)] ?? ''};
	},
};

const dispatch = (action: Action) => ({type: 'dispatch', action}) as const;

/** Swaps with the neighbour in task order; running entries keep their place. */
const turn =
	(by: 1 | -1) =>
	(state: ViewState, page: MergesPage, context: Context): Updated => {
		const rows = mergeRows(context.snapshot);
		const at = rows.findIndex(({task}) => task.id === taskOfPage(page, context));
		const [one, other] = [rows[at], rows[at + by]];
		if (!one || !other) return refuse(state, by === 1 ? 'Already last.' : 'Already first.', context);
		const [first, second] = by === 1 ? [other, one] : [one, other];
		const selected = {...state, pages: [...state.pages.slice(0, -1), {...page, selected: one.task.id}]};
		return and(selected, dispatch({type: 'move-task', task: first.task.id, before: second.task.id}));
	};

export const mergesOrders: Readonly<Record<string, (state: ViewState, page: MergesPage, context: Context) => Updated>> = {
	'request-changes': (state, page, context) => {
		const task = taskOfPage(page, context);
		const asking = context.snapshot.team.tasks.get(task);
		if (asking?.decision) return unchanged({...state, dialog: {...decisionOn(asking), isWriting: true}});
		return task === ''
			? refuse(state, 'Select a task to request changes on.', context)
			: unchanged({...state, dialog: {kind: 'request-changes', task}});
	},
	merge: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === '' ? refuse(state, 'Select a task to merge.', context) : mergeNow(state, task, context);
	},
	rebuild: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === '' ? refuse(state, 'Select a task to rebuild.', context) : and(state, dispatch({type: 'rebuild-task', task}));
	},
	trial: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === '' ? refuse(state, 'The selected task has no merge candidate.', context) : and(state, {type: 'trial', task});
	},
	sooner: turn(-1),
	later: turn(1),
	// Only the Merger moves the base: while it is paused, tests run but nothing merges.
	'pause-merges': (state, _page, context) => {
		const guardians = [...context.snapshot.team.agents.values()].filter(isGuardian);
		if (guardians.length === 0) return refuse(state, 'The team has no Merger (`repository-guardian`).', context);
		return and(state, ...guardians.map(({id}) => dispatch({type: isHeld(context.snapshot) ? 'resume-agent' : 'pause-agent', agent: id})));
	},
	revert: (state, _page, context) => {
		// The merge that broke the base, if the room has found it, else the last one.
		const task = context.snapshot.team.control.fullTests.task || (lastMerged(context.snapshot)?.id ?? '');
		return task !== '' ? unchanged({...state, dialog: {kind: 'revert', task}}) : refuse(state, 'No merge to revert yet.', context);
	},
};
