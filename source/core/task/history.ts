import type {RoomEvent} from '../event/event.ts';

/** How a task spent its time, ms: queued, in development, in review (waits included), merging. */
export type TaskTimes = {readonly queue: number; readonly work: number; readonly review: number; readonly merge: number};

/** One development attempt. Times are epoch ms of the server. */
export type TaskTry = {
	readonly number: number;
	readonly agent: string;
	readonly from: number;
	/** 0 while it runs. */
	readonly to: number;
	/** Millionths of a dollar that its agent spent on this task. */
	readonly spent: number;
	readonly result: 'at work' | 'handed in' | 'sent back' | 'failed' | 'handed back' | 'lost' | 'cancelled' | 'merged';
	/** As recorded; '' for nothing in particular. */
	readonly cause: string;
};

export type TaskHistory = {
	readonly times: TaskTimes;
	readonly tries: readonly TaskTry[];
	/** Agent -> millionths of a dollar. */
	readonly spentBy: ReadonlyMap<string, number>;
};

const WRITES = new Set(['develop', 'document', 'resolve', 'plan']);
const LEADS: Readonly<Record<string, keyof TaskTimes>> = {review: 'review', audit: 'review', test: 'merge', merge: 'merge'};
const OVER = new Set(['merged', 'planned', 'failed', 'cancelled']);

const phaseOf = (state: string, stage: string): keyof TaskTimes | undefined => {
	if (OVER.has(state) || state === '') return undefined;
	return LEADS[stage] ?? (state === 'leased' ? 'work' : 'queue');
};

const RESULTS: Readonly<Record<string, TaskTry['result']>> = {
	...{
		task_completed: 'handed in',
		task_needs_decision: 'handed in',
		pull_request_opened: 'handed in',
		task_planned: 'handed in',
		task_merged: 'merged',
		task_cancelled: 'cancelled',
	},
	...{attempt_failed: 'failed', task_failed: 'failed', task_released: 'handed back', task_reclaimed: 'lost'},
};

/** Derives times, attempts and costs of a task from its events. If its first ones were trimmed, covers the rest. `now`: server time. */
export const historyOf = ({events}: TaskRecord, id: string, now: number): TaskHistory => {
	const times = {queue: 0, work: 0, review: 0, merge: 0};
	const tries: TaskTry[] = [];
	const spentBy = new Map<string, number>();
	let known: Readonly<Record<string, string>> = {};
	let since = 0;
	let spent = 0;
	const pass = (at: number): void => {
		const phase = phaseOf(known.state ?? '', known.stage ?? '');
		if (phase && since > 0) times[phase] += Math.max(0, at - since);
		since = at;
	};
	const close = ({at, type, text, taskFields}: RoomEvent): void => {
		const open = tries.at(-1);
		if (!open || open.to > 0) return;
		// Blocked, it handed in nothing.
		const result = taskFields.decision === 'blocked' ? 'handed back' : (RESULTS[type] ?? 'handed back');
		const cause = result === 'handed in' ? '' : taskFields.reason || text;
		tries[tries.length - 1] = {...open, to: at, result, cause};
	};
	/** The outcome of the last submission. */
	const judge = ({type, text, taskFields}: RoomEvent, before: string): void => {
		const last = tries.at(-1);
		if (last?.result !== 'handed in') return;
		if (type === 'task_merged') tries[tries.length - 1] = {...last, result: 'merged'};
		else if (!WRITES.has(before) && WRITES.has(taskFields.stage ?? ''))
			tries[tries.length - 1] = {...last, result: 'sent back', cause: text};
	};
	for (const event of events) {
		if (event.task !== id) continue;
		const {at, agent, taskFields} = event;
		pass(at);
		const total = Number(taskFields.spent) || 0;
		if (total > spent) {
			spentBy.set(agent, (spentBy.get(agent) ?? 0) + total - spent);
			const open = tries.at(-1);
			// Usage counted after the end belongs to its last agent.
			if (open?.agent === agent) tries[tries.length - 1] = {...open, spent: open.spent + total - spent};
			spent = total;
		}
		const owner = known.owner ?? '';
		const before = known.stage ?? '';
		known = {...known, ...taskFields};
		judge(event, before);
		if (owner !== '' && known.owner !== owner) close(event);
		if (known.owner && known.owner !== owner && known.state === 'leased' && WRITES.has(known.stage ?? ''))
			tries.push({number: Number(known.attempt) || 0, agent: known.owner, from: at, to: 0, spent: 0, result: 'at work', cause: ''});
		const open = tries.at(-1);
		// The attempt's number is written once its workspace exists.
		if (open && open.to === 0 && taskFields.attempt) tries[tries.length - 1] = {...open, number: Number(taskFields.attempt) || open.number};
	}
	pass(now);
	return {times, tries, spentBy};
};

/** A task's events, oldest first, and its last owner (an agent's id, '' for none). */
export type TaskRecord = {readonly events: readonly RoomEvent[]; readonly owner: string};

export const emptyRecord: TaskRecord = {events: [], owner: ''};

/** Kept events: the newest and the very first. */
const MOST_EVENTS = 1000;

/** Events about locks and questions name no task: they belong to the agent's current one. */
const isOfOwner = ({type, agentFields}: RoomEvent): boolean =>
	type.startsWith('lock_') || (type === 'agent_updated' && agentFields.status !== undefined && agentFields.status !== 'working');

/** Adds events to a task's record; they come in order, each once. */
export const addToRecord = (before: TaskRecord, id: string, happened: readonly RoomEvent[]): TaskRecord => {
	const events = [...before.events];
	let {owner} = before;
	for (const event of happened) {
		const isOwn = event.task === id;
		if (isOwn || (owner !== '' && event.agent === owner && event.task === '' && isOfOwner(event))) events.push(event);
		if (isOwn && event.taskFields.owner !== undefined) owner = event.taskFields.owner;
	}
	const [first] = events;
	return {events: first && events.length > MOST_EVENTS ? [first, ...events.slice(1 - MOST_EVENTS)] : events, owner};
};
