import {priorityBadge} from '../../core/task/task.ts';
import type {Drawing} from '../draw/context.ts';
import {unseen} from '../model/queue.ts';
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

const ready = ({state, snapshot, now}: Drawing): Line => {
	if (state.sorts[2] !== 'order') return [span(`by ${state.sorts[2]}`, 'dim')];
	const rows = queueRows(state, snapshot, now);
	const {counts} = snapshot.team;
	// Ready is only what somebody can start.
	const free = counts.ready - rows.filter(row => row.task.state === 'ready' && row.tone === 'warning').length;
	return rows.length > 0 ? [span(`ready ${free}${counts.blocked > 0 ? ` ⊘${counts.blocked}` : ''}`, 'dim')] : [];
};

export const QUEUE: ListKind = {name: 'Queue', content: queueList, total: (_drawing, content) => content().total, note: ready};
