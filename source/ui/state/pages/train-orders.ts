import type {Action} from '../../../core/action.ts';
import {isGuardian, isHeld, lastLanded, trainRows} from '../../model/train.ts';
import {decisionOn} from '../decision.ts';
import {mergeNow} from '../merge-now.ts';
import type {TrainPage} from '../page.ts';
import {and, type Context, refuse, type Updated, unchanged, type ViewState} from '../state.ts';
import {taskOfPage} from './pages.ts';

const dispatch = (action: Action) => ({type: 'dispatch', action}) as const;

/** Changes places with the neighbour in the order in which tasks take their turns; what is at work keeps its place. */
const turn =
	(by: 1 | -1) =>
	(state: ViewState, page: TrainPage, context: Context): Updated => {
		const rows = trainRows(context.snapshot);
		const at = rows.findIndex(({task}) => task.id === taskOfPage(page, context));
		const [one, other] = [rows[at], rows[at + by]];
		if (!one || !other) return refuse(state, by === 1 ? 'It is the last already.' : 'It is the first already.', context);
		const [first, second] = by === 1 ? [other, one] : [one, other];
		const selected = {...state, pages: [...state.pages.slice(0, -1), {...page, selected: one.task.id}]};
		return and(selected, dispatch({type: 'move-task', task: first.task.id, before: second.task.id}));
	};

/** What keys of the merge train do. */
export const trainOrders: Readonly<Record<string, (state: ViewState, page: TrainPage, context: Context) => Updated>> = {
	bounce: (state, page, context) => {
		const task = taskOfPage(page, context);
		const asking = context.snapshot.team.tasks.get(task);
		if (asking?.asks) return unchanged({...state, dialog: {...decisionOn(asking), isWriting: true}});
		return task === ''
			? refuse(state, 'There is nothing here that could be sent back.', context)
			: unchanged({...state, dialog: {kind: 'bounce', task}});
	},
	merge: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === '' ? refuse(state, 'There is nothing here to merge.', context) : mergeNow(state, task, context);
	},
	rebuild: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === ''
			? refuse(state, 'There is nothing here to build anew.', context)
			: and(state, dispatch({type: 'rebuild-task', task}));
	},
	trial: (state, page, context) => {
		const task = taskOfPage(page, context);
		return task === '' ? refuse(state, 'There is no merge here to try.', context) : and(state, {type: 'trial', task});
	},
	sooner: turn(-1),
	later: turn(1),
	// The guardian alone moves the base: while it is paused, tests go on and nothing lands.
	'hold-merges': (state, _page, context) => {
		const guardians = [...context.snapshot.team.agents.values()].filter(isGuardian);
		if (guardians.length === 0) return refuse(state, 'There is no repository-guardian in this team.', context);
		return and(state, ...guardians.map(({id}) => dispatch({type: isHeld(context.snapshot) ? 'resume-agent' : 'pause-agent', agent: id})));
	},
	revert: (state, _page, context) => {
		const landed = lastLanded(context.snapshot);
		return landed ? unchanged({...state, dialog: {kind: 'revert', task: landed.id}}) : refuse(state, 'Nothing has landed yet.', context);
	},
};
