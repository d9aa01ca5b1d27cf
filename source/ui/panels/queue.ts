import {priorityBadge} from '../../core/task/task.ts';
import {type Drawing, teamNow} from '../draw/context.ts';
import {queueShares, unseen} from '../model/queue.ts';
import {hasPlanner} from '../state/draft.ts';
import {queueRows, selectedId} from '../state/rows.ts';
import {cell, cut, type Line, span, widthOf} from '../text/text.ts';
import {keyFor, type ListContent, type ListKind, lazily, leadOf, noMatch, nothing, widest} from './list.ts';

export const queueList = (drawing: Drawing, columns: number): ListContent => {
	const {state, snapshot, now} = drawing;
	const rows = queueRows(state, snapshot, now);
	if (rows.length === 0)
		return state.filters[2]
			? noMatch(state.filters[2], drawing)
			: nothing(
					'Task queue is empty.',
					'Tasks waiting for an agent.',
					`${keyFor(drawing, 'new-task')}  new task`,
					// Without a Planner the key would only be refused.
					...(hasPlanner(snapshot) ? [`${keyFor(drawing, 'ask')}  ask the Planner`] : []),
				);
	const selected = selectedId(2, state, snapshot, now);
	const ids = widest(rows, row => row.task.id, 10);
	const lines = lazily(rows, ({task, why, tone}) => {
		const lead = leadOf(task.id === selected, state.marks[2], task.id);
		// A reason that stops it matters more than the title.
		const share = tone === 'warning' ? 0.75 : 0.5;
		const most = Math.max(8, Math.floor((columns - 6 - ids) * share));
		const reason = cut(why, most);
		const left = columns - 3 - lead.length - 1 - ids - 1 - 1 - widthOf(reason) - 1;
		const badge = priorityBadge(task.priority);
		return [
			span(lead, lead.endsWith('*') ? 'strong' : 'plain'),
			span(badge, badge === 'P0' ? 'strong' : 'plain'),
			span(` ${cell(task.id, ids)} ${cell(task.title, left)} `),
			span(`${reason} `, tone),
		];
	});
	const more = state.filters[2] ? 0 : unseen(snapshot);
	const rest: Line[] = more > 0 ? [[span(` … ${more.toLocaleString('en')} more`, 'dim')]] : [];
	return {
		lines: {
			length: rows.length + rest.length,
			slice: (from, to) => [...lines.slice(from, to), ...rest.slice(Math.max(0, from - rows.length), Math.max(0, to - rows.length))],
		},
		selected: rows.findIndex(row => row.task.id === selected),
		total: rows.length + more,
		first: 0,
	};
};

/** What the number of the title counts: the header's `queued` has no failed ones. */
const ready = (drawing: Drawing): Line => {
	const {state, snapshot, now} = drawing;
	if (state.sorts[2] !== 'order') return [span(`by ${state.sorts[2]}`, 'dim')];
	if (queueRows(state, snapshot, now).length === 0) return [];
	const {ready: free, blocked, failed} = queueShares(snapshot, teamNow(drawing));
	const others = [blocked > 0 ? ` ⊘${blocked}` : '', failed > 0 ? ` ✗${failed}` : ''].join('');
	return [span(`ready ${free}${others}`, 'dim')];
};

export const QUEUE: ListKind = {name: 'Queue', content: queueList, total: (_drawing, content) => content().total, note: ready};
