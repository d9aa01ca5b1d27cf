import type {RoomSnapshot} from '../../store/room.ts';
import type {QueueRow} from './queue.ts';
import type {RosterRow} from './roster.ts';

/** Orders of the agents, the first is the usual one; `role` groups as well. */
export const AGENT_SORTS = ['urgency', 'id', 'role', 'task', 'cost', 'last output'] as const;
export type AgentSort = (typeof AGENT_SORTS)[number];

/** Orders of the queue. `order`: in which tasks are handed out. */
export const QUEUE_SORTS = ['order', 'age', 'priority'] as const;
export type QueueSort = (typeof QUEUE_SORTS)[number];

const byName = new Intl.Collator('en', {numeric: true}).compare;
/** What has nothing of that kind comes last. */
const emptyLast = (a: string, b: string): number => Number(a === '') - Number(b === '') || byName(a, b);

type Compare<Row> = (a: Row, b: Row) => number;

/** Rows in that order; by urgency they come already. Equal ones stand by their ids. */
export const sortAgents = (rows: readonly RosterRow[], sort: AgentSort, {panes}: RoomSnapshot): readonly RosterRow[] => {
	const role = ({agent, task}: RosterRow): string => agent?.role ?? task?.role ?? '';
	const outputAt = ({id}: RosterRow): number => panes.get(id)?.outputAt ?? 0;
	const compare: Partial<Record<AgentSort, Compare<RosterRow>>> = {
		id: () => 0,
		role: (a, b) => emptyLast(role(a), role(b)),
		task: (a, b) => emptyLast(a.task?.id ?? '', b.task?.id ?? ''),
		cost: (a, b) => (b.agent?.spent ?? 0) - (a.agent?.spent ?? 0),
		'last output': (a, b) => outputAt(b) - outputAt(a),
	};
	const first = compare[sort];
	return first ? rows.toSorted((a, b) => first(a, b) || byName(a.id, b.id)) : rows;
};

export const sortQueue = (rows: readonly QueueRow[], sort: QueueSort): readonly QueueRow[] => {
	if (sort === 'order') return rows;
	const by: Compare<QueueRow> =
		sort === 'age'
			? (a, b) => a.task.createdAt - b.task.createdAt
			: (a, b) => b.task.priority - a.task.priority || a.task.score - b.task.score;
	return rows.toSorted((a, b) => by(a, b) || byName(a.task.id, b.task.id));
};
