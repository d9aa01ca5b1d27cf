import {type Agent, agentName} from '../../core/agent/agent.ts';
import type {RoomEvent} from '../../core/event/event.ts';
import {byQueueOrder, type EntryState, isMergeQueuePaused, mergeQueueOf} from '../../core/queue/merge-queue.ts';
import {isAsking, type Task} from '../../core/task/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {remember} from './time.ts';

/**
 * The entry's own state, or: `building`: its candidate is being built; `outdated`: its base is gone, it is rebuilt; `blocked`: by `hold`;
 * `needs-decision`: needs approval; `pull`: its pull request is open; `gathered`: on the branch of
 * its feature, whose pull request is not open yet; `waits`: for its turn.
 */
export type MergeQueueState = EntryState | 'building' | 'outdated' | 'needs-decision' | 'pull' | 'gathered' | 'blocked' | 'waits';

/** `place` is 1 for the head of the merge queue, 0 outside it. */
export type MergeRow = {readonly task: Task; readonly place: number; readonly state: MergeQueueState};

export const MERGE_STYLES = {
	merging: {glyph: '»', word: 'merging', tone: 'good'},
	passed: {glyph: '✓', word: 'passed', tone: 'good'},
	testing: {glyph: '●', word: 'testing', tone: 'working'},
	failed: {glyph: '✗', word: 'failed', tone: 'warning'},
	building: {glyph: '●', word: 'building', tone: 'working'},
	outdated: {glyph: '◌', word: 'rebuilt', tone: 'stalled'},
	'needs-decision': {glyph: '▲', word: 'approval', tone: 'badge'},
	pull: {glyph: '◇', word: 'PR open', tone: 'working'},
	gathered: {glyph: '◇', word: 'gathered', tone: 'working'},
	blocked: {glyph: '»', word: 'skipped', tone: 'warning'},
	waits: {glyph: '·', word: 'waits', tone: 'dim'},
} as const satisfies Record<MergeQueueState, {glyph: string; word: string; tone: Tone}>;

const rowsOf = (snapshot: RoomSnapshot): readonly MergeRow[] => {
	const tasks = [...snapshot.team.tasks.values()];
	const {entries, outdated, queue} = mergeQueueOf(tasks, snapshot.repository.baseCommit);
	const placed = new Set([...entries.map(({task}) => task), ...outdated, ...queue].map(({id}) => id));
	const others = tasks
		.filter(({id, stage, state}) => (stage === 'test' || stage === 'merge') && isOpen(state) && !placed.has(id))
		.sort(byQueueOrder);
	const loose = (task: Task): MergeQueueState =>
		task.decision
			? 'needs-decision'
			: task.state !== 'leased'
				? task.waitReason
					? 'blocked'
					: 'waits'
				: task.stage === 'merge'
					? 'merging'
					: 'building';
	const row = (task: Task, state: MergeQueueState): MergeRow => ({task, place: 0, state});
	return [
		...entries,
		...others.filter(({state}) => state === 'leased').map(task => row(task, loose(task))),
		...others
			.filter(({decision}) => decision)
			.map(task => row(task, isAsking(task) ? 'needs-decision' : task.pull.number === 0 ? 'gathered' : 'pull')),
		...outdated.map(task => row(task, 'outdated')),
		...queue.map(task => row(task, task.waitReason ? 'blocked' : 'waits')),
		...others.filter(({state, decision}) => state !== 'leased' && !decision).map(task => row(task, loose(task))),
	];
};

const isOpen = (state: Task['state']): boolean => ['leased', 'ready', 'delayed', 'blocked'].includes(state);

const remembered = remember(rowsOf);

/** The merge queue, head first, then what is being built or waits behind it. */
export const mergeRows = (snapshot: RoomSnapshot): readonly MergeRow[] => remembered(snapshot, 0);

/** A past event of the merge queue; `text` is its proof, in words. */
export type MergeOrder = {
	readonly at: number;
	readonly task: string;
	readonly kind: 'merged' | 'removed' | 'flaky' | 'base' | 'tested' | 'off';
	readonly text: string;
};

const turnOf = (event: RoomEvent): MergeOrder | undefined => {
	const {at, task, text, type, taskFields, controlFields} = event;
	if (type === 'task_merged') return {at, task, kind: 'merged', text: taskFields.mergedCommit ?? ''};
	if (type === 'task_unmerged') return {at, task, kind: 'off', text};
	if (type === 'entry_removed') return {at, task, kind: 'removed', text};
	if (type === 'test_flaky' && task === '') return {at, task, kind: 'base', text: `flaky: ${text}`};
	if (type === 'test_flaky') return {at, task, kind: 'flaky', text};
	if (type === 'base_tested') return {at, task: '', kind: 'tested', text};
	// A failing base is an event with its reason; its recovery is only in the order.
	if (
		type === 'base_moved' ||
		type === 'base_failing' ||
		type === 'base_strayed' ||
		type === 'base_decided' ||
		controlFields.failingBase === ''
	)
		return {at, task: '', kind: 'base', text};
	return undefined;
};

/** The events, and merges whose event is no longer kept: tasks know theirs. */
const turnsOf = ({team}: RoomSnapshot): readonly MergeOrder[] => {
	const told = team.events.flatMap(event => turnOf(event) ?? []);
	const known = new Set(told.flatMap(({kind, task}) => (kind === 'merged' ? [task] : [])));
	const merged = [...team.tasks.values()]
		.filter(({id, state, mergedCommit}) => state === 'merged' && mergedCommit !== '' && !known.has(id))
		.map(({id, doneAt, mergedCommit}): MergeOrder => ({at: doneAt, task: id, kind: 'merged', text: mergedCommit}));
	return [...told.reverse(), ...merged].sort((a, b) => b.at - a.at);
};
const memoOrders = remember(turnsOf);

/** Merges, removals, flaky tests and events of the base, newest first, as far as known events reach. */
export const mergeOrders = (snapshot: RoomSnapshot): readonly MergeOrder[] => memoOrders(snapshot, 0);

/** The Merger moves the base. */
export const isGuardian = ({role}: Agent): boolean => role === 'repository-guardian';

/** True while nothing merges: every Merger is paused. */
export const isHeld = ({team}: RoomSnapshot): boolean => isMergeQueuePaused(team);

/** The task that merged last, if known here. */
export const lastMerged = ({team}: RoomSnapshot): Task | undefined =>
	[...team.tasks.values()]
		.filter(({state, mergedCommit}) => state === 'merged' && mergedCommit !== '')
		.sort((a, b) => b.doneAt - a.doneAt)[0];

/** Two branches that currently conflict. `id` is for the selection. */
export type ConflictRow = {
	readonly id: string;
	/** The second is '' for the base. */
	readonly tasks: readonly [string, string];
	readonly label: string;
	readonly agents: string;
	readonly files: readonly string[];
	/** Server time, epoch ms. */
	readonly since: number;
};

/** Predicted conflicts between branches in work, oldest first. */
export const conflicts = (snapshot: RoomSnapshot): readonly ConflictRow[] =>
	snapshot.conflicts.map(({tasks, files, since}) => {
		const [one, other] = tasks;
		const authors = tasks.flatMap(id => {
			const task = snapshot.team.tasks.get(id);
			const agent = task?.owner || task?.author || '';
			return agent ? [agentName(agent)] : [];
		});
		return {
			id: `${one} ${other}`,
			tasks,
			label: `${one} and ${other || snapshot.repository.base}`,
			agents: [...new Set(authors)].join(', '),
			files,
			since,
		};
	});
