import type {RoomEvent} from '../event/event.ts';
import {median, quantile} from '../task/estimate.ts';

/** One hour since 1970 (`hour`): merges, their lead times in ms, spending in millionths of a dollar, and how many tasks waited at its end. */
export type FigureHour = {
	readonly hour: number;
	readonly merged: number;
	readonly leads: readonly number[];
	readonly micros: number;
	readonly queued: number;
};

/** What became of an agent's work with a model ('' unknown): merged, sent back by review or tests, failed or lost attempts. */
export type AgentFigures = {
	readonly agent: string;
	readonly model: string;
	readonly merged: number;
	readonly sentBack: number;
	readonly failed: number;
};

/** What the event log tells, oldest hour first, without gaps. `from`: time of its first event; 0 for none. */
export type Figures = {
	readonly from: number;
	readonly hours: readonly FigureHour[];
	readonly agents: readonly AgentFigures[];
	readonly lead: {readonly count: number; readonly medianMs: number; readonly highMs: number};
};

const HOUR_MS = 3_600_000;
/** Hours kept: a week. */
const MOST_HOURS = 168;
const WRITES = new Set(['develop', 'document', 'resolve', 'plan']);
const WAITING = new Set(['ready', 'blocked', 'delayed']);
const FAILED = new Set(['attempt_failed', 'task_failed', 'task_reclaimed']);

type HourSum = {merged: number; leads: number[]; micros: number; more: number};
type Known = {createdAt: number; author: string; model: string; stage: string};

export type FigureSum = {
	/** Adds events, in their order, each once. */
	add(events: readonly RoomEvent[]): void;
	/** The figures at server time `now`, with so many tasks waiting then. */
	figures(now: number, queued: number): Figures;
};

/** Sums up the event log as far as it reaches. */
export const createFigureSum = (): FigureSum => {
	const hours = new Map<number, HourSum>();
	const tasks = new Map<string, Known>();
	const agents = new Map<string, {agent: string; model: string; merged: number; sentBack: number; failed: number}>();
	const models = new Map<string, string>();
	let from = 0;
	let spent = -1;
	const hourOf = (at: number): HourSum => {
		const hour = Math.floor(at / HOUR_MS);
		const known = hours.get(hour) ?? {merged: 0, leads: [], micros: 0, more: 0};
		hours.set(hour, known);
		return known;
	};
	const count = (agent: string, model: string, what: 'merged' | 'sentBack' | 'failed'): void => {
		if (agent === '') return;
		const name = `${agent} ${model}`;
		const known = agents.get(name) ?? {agent, model, merged: 0, sentBack: 0, failed: 0};
		known[what]++;
		agents.set(name, known);
	};
	const addOne = ({at, type, task, agent, was, taskFields, agentFields, controlFields}: RoomEvent): void => {
		if (from === 0) from = at;
		if (agentFields.model !== undefined) models.set(agent, agentFields.model);
		const total = Number(controlFields.spent);
		if (controlFields.spent !== undefined && Number.isFinite(total)) {
			// Of the first one only the sum before is known.
			if (spent >= 0 && total > spent) hourOf(at).micros += total - spent;
			spent = total;
		}
		if (task === '') return;
		const before = tasks.get(task) ?? {createdAt: 0, author: '', model: '', stage: ''};
		const {state, stage = before.stage, author = before.author} = taskFields;
		// Its author may use another model by the time it merges.
		const model = taskFields.author === undefined ? before.model : (models.get(author) ?? '');
		tasks.set(task, {createdAt: Number(taskFields.createdAt) || before.createdAt, author, model, stage});
		if (state !== undefined && state !== was) hourOf(at).more += Number(WAITING.has(state)) - Number(WAITING.has(was));
		if (type === 'task_merged') {
			const hour = hourOf(at);
			hour.merged++;
			if (before.createdAt > 0) hour.leads.push(Math.max(0, at - before.createdAt));
			count(author, model, 'merged');
		} else if (FAILED.has(type)) count(agent, models.get(agent) ?? '', 'failed');
		else if (before.stage !== '' && !WRITES.has(before.stage) && WRITES.has(stage)) count(before.author, before.model, 'sentBack');
	};
	return {
		add: events => {
			for (const event of events) addOne(event);
		},
		figures: (now, queued) => {
			const last = Math.floor(now / HOUR_MS);
			const first = Math.max(last - MOST_HOURS + 1, from > 0 ? Math.floor(from / HOUR_MS) : last);
			const all: FigureHour[] = [];
			let waiting = queued;
			for (let hour = last; hour >= first; hour--) {
				const {merged = 0, leads = [], micros = 0, more = 0} = hours.get(hour) ?? {};
				all.unshift({hour, merged, leads, micros, queued: Math.max(0, waiting)});
				waiting -= more;
			}
			const leads = all.flatMap(hour => hour.leads);
			return {
				from,
				hours: all,
				agents: [...agents.values()]
					.map(done => ({...done}))
					.sort(
						(a, b) =>
							b.merged - a.merged ||
							a.failed + a.sentBack - b.failed - b.sentBack ||
							`${a.agent} ${a.model}`.localeCompare(`${b.agent} ${b.model}`, 'en'),
					),
				lead: {count: leads.length, medianMs: median(leads), highMs: quantile(leads, 0.9)},
			};
		},
	};
};
