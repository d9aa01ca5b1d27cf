import {type Agent, isSpread, placedName} from '../../core/agent/agent.ts';
import {tellWait} from '../../core/lock/lock.ts';
import {whyThrottled} from '../../core/queue/eligibility.ts';
import {isAsking, type Task} from '../../core/task/task.ts';
import {counted} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {neededText} from './decision-words.ts';
import type {QueueRow} from './queue.ts';
import {askText, GROUPS, type Group, type Look, lookNow, STATUS_ORDER, STATUS_STYLES} from './status-styles.ts';
import {age, ageOf, remember} from './time.ts';

/** A row of the Agents panel: an agent, or a task that failed or needs input. */
export type TeamRow = {
	/** An agent's id, or `task:<id>`, for the selection. */
	readonly id: string;
	readonly name: string;
	readonly look: Look;
	readonly agent: Agent | undefined;
	readonly task: Task | undefined;
	readonly text: string;
	/** Start of this status, server time. */
	readonly since: number;
};

/** Why it waits for its model, with the countdown of its program. */
const retryText = ({reason, retryAt}: Agent, look: Look, now: number): string => {
	const why = reason || STATUS_STYLES[look].word;
	return retryAt > now ? `${why} (retries in ${Math.ceil((retryAt - now) / 1000)}s)` : why;
};

const textOf = (agent: Agent, look: Look, task: Task | undefined, lastLine: string, now: number): string => {
	if (look === 'needs-input') return `needs input: ${agent.question || 'see its pane'}`;
	if (look === 'waiting') return `turn ended: ${agent.question || agent.reason || 'see its pane'}`;
	if (look === 'logged-out') return retryText(agent, look, now);
	if (look === 'not-set-up') return agent.reason || STATUS_STYLES[look].word;
	if (look === 'unknown') return agent.reason || agent.evidence || 'status cannot be detected';
	if (agent.status === 'unreachable') return agent.reason || `no heartbeat for ${ageOf(agent.beatAt, now)}`;
	if (look === 'crashed') return agent.reason || 'process exited';
	if (look === 'stalled') return agent.reason || `no output for ${age(now - agent.statusAt)}, heartbeat ok`;
	if (look === 'starting') return 'starting';
	if (look === 'paused') return agent.reason || 'paused by you';
	if (look === 'idle') return agent.status === 'stopped' ? agent.reason || 'stopped' : 'idle';
	if (look === 'rate-limited' || look === 'retrying' || look === 'out-of-context') return retryText(agent, look, now);
	// A prompt or a rule is no sentence.
	const line = /[\p{L}\p{N}]/u.test(lastLine) ? lastLine : '';
	return agent.doing || task?.progress || line || (agent.stage === 'test' ? 'testing' : STATUS_STYLES[look].word);
};

/** All rows, most urgent first, then oldest first. */
export const teamRows = remember((snapshot, now): readonly TeamRow[] => {
	const {team, panes} = snapshot;
	const isTeamSpread = isSpread(team.agents.values());
	const agents = [...team.agents.values()].map((agent): TeamRow => {
		const look = lookNow(agent, team, now);
		const task = team.tasks.get(agent.task);
		const isHeld = look === 'working' || look === 'stalled' || look === 'unknown';
		const waits = isHeld
			? tellWait(agent.id, team, now)
			: look === 'rate-limited' && agent.task === ''
				? whyThrottled(agent, team.control, now)
				: '';
		let text: string | undefined;
		return {
			id: agent.id,
			name: placedName(agent, isTeamSpread),
			look,
			agent,
			task,
			// Found when it is shown: the last line of each pane costs a look at its screen.
			get text() {
				text ??= waits || textOf(agent, look, task, panes.get(agent.id)?.lastLine ?? '', now);
				return text;
			},
			since: agent.statusAt,
		};
	});
	const failed = [...team.tasks.values()]
		.filter(task => task.state === 'failed')
		.map((task): TeamRow => {
			const tries = task.failures > 0 ? ` after ${counted(task.failures, 'attempt', 'attempts')}` : '';
			const text = `failed${tries}: ${task.reason || 'no reason given'}`;
			return {id: `task:${task.id}`, name: '—', look: 'crashed', agent: undefined, task, text, since: task.updatedAt};
		});
	const asking = [...team.tasks.values()].filter(isAsking).map((task): TeamRow => {
		const text = neededText(task, askText(task));
		return {id: `task:${task.id}`, name: '—', look: 'needs-input', agent: undefined, task, text, since: task.stageAt || task.updatedAt};
	});
	return [...agents, ...asking, ...failed].sort(byUrgency);
});

/** Shared: `localeCompare` creates one for each comparison. */
const byName = new Intl.Collator('en', {numeric: true});

/** The order of rows: most urgent first, then oldest first. */
export const byUrgency = (a: TeamRow, b: TeamRow): number =>
	STATUS_ORDER.indexOf(a.look) - STATUS_ORDER.indexOf(b.look) ||
	(STATUS_STYLES[a.look].group === 'needs' ? a.since - b.since : 0) ||
	byName.compare(a.id, b.id);

/** Places of rows, kept while keys are pressed, so that no row moves under a key. */
export type Arrangement = readonly {readonly group: Group; readonly id: string}[];

export const arrangementOf = (rows: readonly TeamRow[]): Arrangement => rows.map(({id, look}) => ({group: STATUS_STYLES[look].group, id}));

/** The old places without gone rows; new rows go to the end of their group. */
export const keepPlaces = (before: Arrangement, rows: readonly TeamRow[]): Arrangement => {
	const alive = new Set(rows.map(row => row.id));
	const known = new Set(before.map(place => place.id));
	const kept = before.filter(place => alive.has(place.id));
	const fresh = arrangementOf(rows.filter(row => !known.has(row.id)));
	return GROUPS.flatMap(group => [...kept, ...fresh].filter(place => place.group === group));
};

/** Rows in an arrangement's order; `group` is the row's place, which may lag its status by two seconds. */
export const placed = (arrangement: Arrangement, rows: readonly TeamRow[]): readonly (TeamRow & {readonly group: Group})[] => {
	const byId = new Map(rows.map(row => [row.id, row]));
	return arrangement.flatMap(({group, id}) => {
		const row = byId.get(id);
		return row ? [{...row, group}] : [];
	});
};

/** Agents with a task: those that a freeze stops and that killing all kills. */
export const runningAgents = ({agents}: Pick<RoomSnapshot['team'], 'agents'>): readonly Agent[] =>
	[...agents.values()].filter(({task}) => task !== '');

/** Whether the machine of an agent allows no typing from elsewhere, as far as is known. */
export const isTypingOff = (agent: string, {panes}: RoomSnapshot): boolean => panes.get(agent)?.elsewhere?.isTypingOff === true;

/** Whether somebody reads what is typed into the pane of an agent, now or as soon as its task has begun: nobody does between tasks and after its end. */
export const hasProgram = (agent: string, {panes, team}: RoomSnapshot): boolean => {
	const pane = panes.get(agent);
	return pane !== undefined && (pane.isRunning || (team.agents.get(agent)?.task ?? '') !== '');
};

/** Whether a person may type into the pane of an agent now. */
export const takesKeys = (agent: string, snapshot: RoomSnapshot): boolean => hasProgram(agent, snapshot) && !isTypingOff(agent, snapshot);

/** Sort orders of agents, the first is the default; `role` also groups. */
export const AGENT_SORTS = ['urgency', 'id', 'role', 'task', 'cost', 'last output'] as const;
export type AgentSort = (typeof AGENT_SORTS)[number];

/** Sort orders of the queue. `order`: by assignment. */
export const QUEUE_SORTS = ['order', 'age', 'priority'] as const;
export type QueueSort = (typeof QUEUE_SORTS)[number];

/** Empty values come last. */
const emptyLast = (a: string, b: string): number => Number(a === '') - Number(b === '') || byName.compare(a, b);

type Compare<Row> = (a: Row, b: Row) => number;

/** Sorts the rows, which are already by urgency. Ties by id. */
export const sortAgents = (rows: readonly TeamRow[], sort: AgentSort, {panes}: RoomSnapshot): readonly TeamRow[] => {
	const role = ({agent, task}: TeamRow): string => agent?.role ?? task?.role ?? '';
	const outputAt = ({id}: TeamRow): number => panes.get(id)?.outputAt ?? 0;
	const compare: Partial<Record<AgentSort, Compare<TeamRow>>> = {
		id: () => 0,
		role: (a, b) => emptyLast(role(a), role(b)),
		task: (a, b) => emptyLast(a.task?.id ?? '', b.task?.id ?? ''),
		cost: (a, b) => (b.agent?.spent ?? 0) - (a.agent?.spent ?? 0),
		'last output': (a, b) => outputAt(b) - outputAt(a),
	};
	const first = compare[sort];
	return first ? rows.toSorted((a, b) => first(a, b) || byName.compare(a.id, b.id)) : rows;
};

export const sortQueue = (rows: readonly QueueRow[], sort: QueueSort): readonly QueueRow[] => {
	if (sort === 'order') return rows;
	const by: Compare<QueueRow> =
		sort === 'age'
			? (a, b) => a.task.createdAt - b.task.createdAt
			: (a, b) => b.task.priority - a.task.priority || a.task.score - b.task.score;
	return rows.toSorted((a, b) => by(a, b) || byName.compare(a.task.id, b.task.id));
};
