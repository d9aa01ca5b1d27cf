import {type Agent, parseAgent} from '../agent/agent.ts';
import {foldRateLimits, type RateLimit} from '../agent/rate-limit.ts';
import {type AtBudget, readAtBudget} from '../cost/budget.ts';
import {foldSpending, type Spending} from '../cost/spending.ts';
import type {RoomEvent} from '../event/event.ts';
import {foldLocks, type Lock, type Locks, type Waiter} from '../lock/lock.ts';
import {type Feature, foldFeatures} from '../plan/feature.ts';
import {parseTask, type Task} from '../task/task.ts';
import {type FullTests, foldFullTests, NO_FULL_TESTS} from './full-tests.ts';
import {type Counts, forgotten, noTasks} from './window.ts';

const FROZEN_WHYS = ['budget', 'rebuild', ''] as const;

/**
 * Orders for the whole team. `recovery`: what a room found lost in Redis, '' for nothing; everything is frozen until you accept the data.
 * `budget` (0 for none) and spending are in millionths of a dollar. `frozenWhy`: '' if you froze; `rebuild` until work resumes after one.
 * `reachedAt`: when a budget was last reached, even if raised since.
 */
export type Control = {
	readonly paused: boolean;
	readonly drained: boolean;
	readonly frozen: boolean;
	readonly frozenWhy: (typeof FROZEN_WHYS)[number];
	readonly recovery: string;
	readonly budget: number;
	readonly atBudget: AtBudget;
	/** The last configured budget that a room applied (`configuredBudget`); '' if none was. */
	readonly budgetFrom: string;
	/** The room (`room:<id>`) whose configuration that is; '' if unknown. */
	readonly budgetRoom: string;
	readonly reachedAt: number;
	readonly spent: number;
	/** The same in tokens, read and written: 0 for no budget, and what was used since this is counted. */
	readonly tokenBudget: number;
	readonly tokens: number;
	/** The base commit that failed its tests, since when, and how; '' if none is known. */
	readonly failingBase: string;
	readonly failingSince: number;
	readonly failingWhy: string;
	/**
	 * The commit an agent moved the base to without a merge, and the one before ('' if going back would remove more); task and agent ('' if
	 * unknown), and time. While it is not '', nothing is tested or merges until you decide.
	 */
	readonly stray: string;
	readonly strayFrom: string;
	readonly strayTask: string;
	readonly strayAgent: string;
	readonly strayAt: number;
	/** Runs of all tests on the base. */
	readonly fullTests: FullTests;
	/** Rate-limited accounts. */
	readonly rateLimits: readonly RateLimit[];
};

/** The whole coordination state at one stream id. Frozen: every change makes a new one. */
export type TeamSnapshot = {
	readonly streamId: string;
	/** Latest known server time, epoch ms. */
	readonly at: number;
	/** Those in the room's memory: all leased, the next to be claimed, the last finished (`window.ts`). */
	readonly tasks: ReadonlyMap<string, Task>;
	/** Of all tasks. */
	readonly counts: Counts;
	/** The newest. */
	readonly features: ReadonlyMap<string, Feature>;
	readonly agents: ReadonlyMap<string, Agent>;
	readonly locks: ReadonlyMap<string, Lock>;
	/** Who waits for a lock, in queue order. */
	readonly waiters: ReadonlyMap<string, Waiter>;
	readonly control: Control;
	/** Recent spending by quarter-hour. */
	readonly spending: Spending;
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
	counts: noTasks,
	features: new Map(),
	agents: new Map(),
	locks: new Map(),
	waiters: new Map(),
	control: {
		...{paused: false, drained: false, frozen: false, frozenWhy: '', recovery: ''},
		...{
			budget: 0,
			atBudget: 'hold',
			budgetFrom: '',
			budgetRoom: '',
			reachedAt: 0,
			spent: 0,
			tokenBudget: 0,
			tokens: 0,
			failingBase: '',
			failingSince: 0,
			failingWhy: '',
			fullTests: NO_FULL_TESTS,
			rateLimits: [],
		},
		...{stray: '', strayFrom: '', strayTask: '', strayAgent: '', strayAt: 0},
	},
	spending: [],
	events: [],
	rawTasks: new Map(),
	rawAgents: new Map(),
};

/** Applies flat control fields to the known orders. */
export const foldControl = (before: Control, fields: Readonly<Record<string, string>>): Control => ({
	paused: fields.paused === undefined ? before.paused : fields.paused === '1',
	drained: fields.drained === undefined ? before.drained : fields.drained === '1',
	frozen: fields.frozen === undefined ? before.frozen : fields.frozen === '1',
	frozenWhy: fields.frozenWhy === undefined ? before.frozenWhy : (FROZEN_WHYS.find(why => why === fields.frozenWhy) ?? ''),
	recovery: fields.recovery ?? before.recovery,
	budget: fields.budget === undefined ? before.budget : Number(fields.budget) || 0,
	atBudget: fields.atBudget === undefined ? before.atBudget : readAtBudget(fields.atBudget),
	budgetFrom: fields.budgetFrom ?? before.budgetFrom,
	budgetRoom: fields.budgetRoom ?? before.budgetRoom,
	reachedAt: fields.reachedAt === undefined ? before.reachedAt : Number(fields.reachedAt) || 0,
	spent: fields.spent === undefined ? before.spent : Number(fields.spent) || 0,
	tokenBudget: fields.tokenBudget === undefined ? before.tokenBudget : Number(fields.tokenBudget) || 0,
	tokens: fields.tokens === undefined ? before.tokens : Number(fields.tokens) || 0,
	failingBase: fields.failingBase ?? before.failingBase,
	failingSince: fields.failingSince === undefined ? before.failingSince : Number(fields.failingSince) || 0,
	failingWhy: fields.failingWhy ?? before.failingWhy,
	stray: fields.stray ?? before.stray,
	strayFrom: fields.strayFrom ?? before.strayFrom,
	strayTask: fields.strayTask ?? before.strayTask,
	strayAgent: fields.strayAgent ?? before.strayAgent,
	strayAt: fields.strayAt === undefined ? before.strayAt : Number(fields.strayAt) || 0,
	fullTests: foldFullTests(before.fullTests, fields),
	rateLimits: foldRateLimits(before.rateLimits, fields),
});

type Raw = Readonly<Record<string, string>>;
const noRaw: ReadonlyMap<string, Raw> = new Map();

const isAbout = ({task, taskFields}: RoomEvent): boolean => task !== '' && Object.keys(taskFields).length > 0;
/** Whether the entry carries all fields of its task. */
const isWhole = ({was, taskFields}: RoomEvent): boolean => was === '' && taskFields.state !== undefined;

const counted = (counts: Counts, {was, taskFields}: RoomEvent): Counts => {
	const {state} = taskFields;
	if (state === undefined || state === was) return counts;
	const next: Record<string, number> = {...counts};
	for (const [name, more] of [
		[was, -1],
		[state, 1],
	] as const)
		if (Object.hasOwn(noTasks, name)) next[name] = Math.max(0, (next[name] ?? 0) + more);
	return {...counts, ...next};
};

/** Returns changed tasks that the snapshot does not know: folding needs their fields. */
export const unknownTasks = ({streamId, rawTasks}: TeamSnapshot, events: readonly RoomEvent[]): readonly string[] => {
	const known = new Set<string>();
	const unknown = new Set<string>();
	for (const event of events) {
		if (!isNewer(event.id, streamId) || !isAbout(event) || rawTasks.has(event.task) || known.has(event.task)) continue;
		(isWhole(event) ? known : unknown).add(event.task);
	}
	return [...unknown];
};

/**
 * Folds events, oldest first, into a snapshot. Drops entries not newer than `streamId`, so a repeated read is harmless. An unknown task
 * comes from `read` (its current fields, see `unknownTasks`), never incomplete; counts stay exact. `forgets` selects tasks to drop from
 * memory.
 */
export const reduce = (
	before: TeamSnapshot,
	events: readonly RoomEvent[],
	read: ReadonlyMap<string, Raw> = noRaw,
	forgets: typeof forgotten = forgotten,
): TeamSnapshot => {
	const fresh = events.filter(event => isNewer(event.id, before.streamId));
	const last = fresh.at(-1);
	if (!last) return before;
	const rawTasks = new Map(before.rawTasks);
	const rawAgents = new Map(before.rawAgents);
	const tasks = new Map(before.tasks);
	const agents = new Map(before.agents);
	let held: Locks = before;
	let orders = before.control;
	let {counts, features, spending} = before;
	for (const event of fresh) {
		const known = isAbout(event) && (rawTasks.get(event.task) ?? (isWhole(event) ? {} : read.get(event.task)));
		if (known) {
			const fields = {...known, ...event.taskFields};
			rawTasks.set(event.task, fields);
			tasks.set(event.task, parseTask(event.task, fields));
		}
		counts = counted(counts, event);
		features = foldFeatures(features, event);
		if (event.agent && Object.keys(event.agentFields).length > 0) {
			const fields = {...rawAgents.get(event.agent), ...event.agentFields};
			rawAgents.set(event.agent, fields);
			agents.set(event.agent, parseAgent(event.agent, fields));
		}
		if (event.type === 'agent_left') {
			rawAgents.delete(event.agent);
			agents.delete(event.agent);
		}
		held = foldLocks(held, event);
		orders = foldControl(orders, event.controlFields);
		spending = foldSpending(spending, event.controlFields);
	}
	for (const id of forgets(tasks, counts.leased)) {
		tasks.delete(id);
		rawTasks.delete(id);
	}
	return {
		streamId: last.id,
		at: Math.max(before.at, last.at),
		tasks,
		counts,
		features,
		agents,
		locks: held.locks,
		waiters: held.waiters,
		control: orders,
		spending,
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

/** How an older Redis is called by `lua/check-epoch.lua`: it still has tasks. */
const OLDER = 'Redis came back with older data';

/** Whether a Redis that lost data has tasks left, which a person may keep as they are. */
export const isOlder = (finding: string): boolean => finding === OLDER;

/** Whether this Redis has data that no journal followed. */
export const isForeign = (finding: string): boolean => finding === 'This is a different Redis than before';

/** The end of a run without a terminal to ask in. */
export const tellUndecided = (finding: string): string =>
	`${finding}: \`agent-room rebuild\` rebuilds it from the journal, \`agent-room rebuild --start-empty\` gives up what is lost`;

/** Explains lost Redis data to you: what was found, what it means (`counts`, '' until that is known), and how to continue. */
export const tellRecovery = (finding: string, counts = ''): string =>
	`${finding}${counts && `: ${counts}`}. X, then R rebuilds it and S ${isOlder(finding) ? 'keeps what is left' : 'starts empty'}; or stop the room and restore the data. Without a screen: \`agent-room rebuild\`.`;
