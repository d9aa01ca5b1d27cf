import {type Agent, parseAgent} from './agent.ts';
import type {RoomEvent} from './event.ts';
import {parseTask, type Task} from './task.ts';

/** A lock as the room shows it: `name` is `repository:<branch>`, `path:<glob>` or `task:<id>`; `until` is epoch ms of the server. */
export type Lock = {readonly name: string; readonly owner: string; readonly until: number; readonly takenAt: number};

/** What a person has ordered for the whole team. */
export type Control = {readonly paused: boolean; readonly drained: boolean; readonly frozen: boolean};

/** The whole coordination state at one stream id. Frozen: a new one is made for every change. */
export type TeamSnapshot = {
	readonly streamId: string;
	/** Server time of the newest thing known, epoch ms. */
	readonly at: number;
	readonly tasks: ReadonlyMap<string, Task>;
	readonly agents: ReadonlyMap<string, Agent>;
	readonly locks: ReadonlyMap<string, Lock>;
	readonly control: Control;
	/** Newest last, at most `EVENTS_KEPT`. */
	readonly events: readonly RoomEvent[];
	/** Raw fields behind `tasks` and `agents`; events change single fields. */
	readonly rawTasks: ReadonlyMap<string, Readonly<Record<string, string>>>;
	readonly rawAgents: ReadonlyMap<string, Readonly<Record<string, string>>>;
};

export const EVENTS_KEPT = 200;

export const emptySnapshot: TeamSnapshot = {
	streamId: '0-0',
	at: 0,
	tasks: new Map(),
	agents: new Map(),
	locks: new Map(),
	control: {paused: false, drained: false, frozen: false},
	events: [],
	rawTasks: new Map(),
	rawAgents: new Map(),
};

const control = (before: Control, fields: Readonly<Record<string, string>>): Control => ({
	paused: fields.paused === undefined ? before.paused : fields.paused === '1',
	drained: fields.drained === undefined ? before.drained : fields.drained === '1',
	frozen: fields.frozen === undefined ? before.frozen : fields.frozen === '1',
});

const foldLock = (locks: ReadonlyMap<string, Lock>, event: RoomEvent): ReadonlyMap<string, Lock> => {
	const {name, owner, until} = event.lockFields;
	if (!name) return locks;
	const next = new Map(locks);
	if (owner) {
		const held = locks.get(name);
		next.set(name, {name, owner, until: Number(until) || 0, takenAt: held?.owner === owner ? held.takenAt : event.at});
	} else next.delete(name);
	return next;
};

/** Folds events, oldest first, into a snapshot. Entries not newer than `streamId` are dropped, so a repeated read changes nothing. */
export const reduce = (before: TeamSnapshot, events: readonly RoomEvent[]): TeamSnapshot => {
	const fresh = events.filter(event => isNewer(event.id, before.streamId));
	const last = fresh.at(-1);
	if (!last) return before;
	const rawTasks = new Map(before.rawTasks);
	const rawAgents = new Map(before.rawAgents);
	const tasks = new Map(before.tasks);
	const agents = new Map(before.agents);
	let {locks} = before;
	let orders = before.control;
	for (const event of fresh) {
		if (event.task && Object.keys(event.taskFields).length > 0) {
			const fields = {...rawTasks.get(event.task), ...event.taskFields};
			rawTasks.set(event.task, fields);
			tasks.set(event.task, parseTask(event.task, fields));
		}
		if (event.agent && Object.keys(event.agentFields).length > 0) {
			const fields = {...rawAgents.get(event.agent), ...event.agentFields};
			rawAgents.set(event.agent, fields);
			agents.set(event.agent, parseAgent(event.agent, fields));
		}
		locks = foldLock(locks, event);
		orders = control(orders, event.controlFields);
	}
	return {
		streamId: last.id,
		at: Math.max(before.at, last.at),
		tasks,
		agents,
		locks,
		control: orders,
		events: [...before.events, ...fresh].slice(-EVENTS_KEPT),
		rawTasks,
		rawAgents,
	};
};

/** Stream ids compare by their two numbers, never as text. */
export const isNewer = (id: string, than: string): boolean => {
	const [ms = 0, sequence = 0] = id.split('-').map(Number);
	const [thanMs = 0, thanSequence = 0] = than.split('-').map(Number);
	return ms === thanMs ? sequence > thanSequence : ms > thanMs;
};
