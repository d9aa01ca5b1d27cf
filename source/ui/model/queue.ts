import {agentName} from '../../core/agent/agent.ts';
import {endedAfter, openAfter} from '../../core/queue/dependencies.ts';
import {whyUnserved, whyWaiting} from '../../core/queue/eligibility.ts';
import {waitsForEntry} from '../../core/queue/merge-queue.ts';
import {isOverBudget, lockOver} from '../../core/queue/why.ts';
import {pullText} from '../../core/task/pull.ts';
import {isAsking, type Task} from '../../core/task/task.ts';
import {countTasks} from '../../core/team/window.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import type {Tone} from '../text/text.ts';
import {decisionWords} from './decision-words.ts';
import {age, remember} from './time.ts';

export type QueueRow = {
	readonly task: Task;
	readonly why: string;
	readonly tone: Tone;
	/** Part of the queue: 0 needs a human, 1 stuck, 2 reserved for an agent, 3 ready, 4 delayed, 5 blocked by dependencies. */
	readonly rank: number;
};

const READY: Readonly<Record<string, string>> = {
	review: 'to review',
	audit: 'to audit',
	test: 'to test',
	merge: 'to merge',
	resolve: 'to resolve',
	plan: 'to plan',
	document: 'to document',
};

const stoppedBy = (snapshot: RoomSnapshot): string => {
	const {frozen, paused, drained} = snapshot.team.control;
	if (frozen) return 'frozen';
	if (paused) return 'paused';
	return drained ? 'drained' : '';
};

/** Why a ready task can never start: no capable agent, or no test command; '' if it can. */
export const stuck = (task: Task, {team, hasTestCommand}: RoomSnapshot): string =>
	task.stage === 'test' && !hasTestCommand ? 'no test command' : whyUnserved(task, team);

/** Why a task cannot start now: as `stuck`, or all idle agents' accounts are rate-limited. */
const kept = (task: Task, snapshot: RoomSnapshot, now: number): string => {
	const missing = stuck(task, snapshot);
	if (missing !== '' || snapshot.team.control.rateLimits.length === 0) return missing && `⊘ ${missing.replace(/ in the team$/, '')}`;
	const waits = whyWaiting(task, snapshot.team, now);
	return waits === 'ready' || waits.startsWith('no idle') ? '' : '‖ limited';
};

/** Why this one task cannot start though somebody could take it: money, or another's lock on its paths. */
const keptItself = (task: Task, {team}: RoomSnapshot): string =>
	isOverBudget(task, team) ? '$ over budget' : lockOver(task, team) ? '⊘ locked' : '';

/** The same for many tasks, computed once for equal requirements. */
const keptIn = (snapshot: RoomSnapshot, now: number): ((task: Task) => string) => {
	const known = new Map<string, string>();
	return task => {
		const alike = [task.stage, task.role, task.needs, task.author, task.authors, task.reviewer].join('|');
		const found = known.get(alike) ?? kept(task, snapshot, now);
		known.set(alike, found);
		return found;
	};
};

const rowOf = (task: Task, snapshot: RoomSnapshot, now: number, keeps: (task: Task) => string): QueueRow | undefined => {
	if (task.state === 'failed') return {task, why: '✗ failed', tone: 'danger', rank: 0};
	if (isAsking(task)) return {task, why: `▲ ${decisionWords(task).mark}`, tone: 'strong', rank: 0};
	if (task.decision) return {task, why: pullText(task.pull) || task.waitReason, tone: 'dim', rank: 5};
	if (task.state === 'delayed')
		return {task, why: `${task.waitReason ? 'back' : 'retry'} in ${age(task.readyAt - now)}`, tone: 'dim', rank: 4};
	if (task.state === 'ready' && waitsForEntry(task.waitReason)) return {task, why: task.waitReason, tone: 'dim', rank: 5};
	const isOpen = task.state === 'ready' || task.state === 'blocked';
	if (task.waitReason && (isOpen || task.state === 'leased')) return {task, why: `blocked: ${task.waitReason}`, tone: 'warning', rank: 1};
	if (task.state === 'blocked') {
		const ended = endedAfter(task, snapshot.team);
		if (ended)
			return {task, why: `⊘ ${ended} ${snapshot.team.tasks.get(ended)?.state === 'failed' ? 'failed' : 'gone'}`, tone: 'warning', rank: 1};
		const missing = openAfter(task, snapshot.team);
		const more = missing.length > 1 ? ` +${missing.length - 1}` : '';
		return {task, why: missing[0] ? `⊘ by ${missing[0]}${more}` : '⊘ blocked', tone: 'dim', rank: 5};
	}
	if (task.state !== 'ready') return undefined;
	const missing = stoppedBy(snapshot) ? '' : keeps(task) || keptItself(task, snapshot);
	const rank = task.assigned ? 2 : 3;
	if (missing) return {task, why: missing, tone: 'warning', rank};
	const why = stoppedBy(snapshot) || (task.assigned ? `→ ${agentName(task.assigned)}` : (READY[task.stage] ?? 'ready'));
	return {task, why, tone: task.stage === 'develop' ? 'plain' : 'good', rank};
};

/** Waiting tasks: those that need a human first, then in the order of assignment. */
export const queue = remember((snapshot, now): readonly QueueRow[] => {
	const keeps = keptIn(snapshot, now);
	return [...snapshot.team.tasks.values()].flatMap(task => rowOf(task, snapshot, now, keeps) ?? []).sort(byRank);
});

/** Order of claims: those reserved for an agent first. Ties by id, like Redis. */
export const byRank = (a: QueueRow, b: QueueRow): number =>
	a.rank - b.rank || a.task.score - b.task.score || (a.task.id < b.task.id ? -1 : Number(a.task.id > b.task.id));

/** How many waiting or failed tasks are not loaded here. */
export const unseen = ({team: {tasks, counts}}: RoomSnapshot): number => {
	const known = countTasks(tasks.values());
	return (['ready', 'delayed', 'blocked', 'failed'] as const).reduce((sum, state) => sum + Math.max(0, counts[state] - known[state]), 0);
};

/** Of the rows of the task queue: those that somebody can start, those that wait for others, and those that failed. */
export const queueShares = (
	snapshot: RoomSnapshot,
	now: number,
): {readonly ready: number; readonly blocked: number; readonly failed: number} => {
	const {counts} = snapshot.team;
	const kept = queue(snapshot, now).filter(({task, tone}) => task.state === 'ready' && tone === 'warning').length;
	return {ready: counts.ready - kept, blocked: counts.blocked, failed: counts.failed};
};

export type Counts = {readonly queued: number; readonly merging: number; readonly merged: number};
const countsOf = ({team: {tasks, counts}}: RoomSnapshot): Counts => {
	let waiting = 0;
	let merging = 0;
	for (const {state, stage} of tasks.values()) {
		if (stage !== 'test' && stage !== 'merge') continue;
		const isOpen = state === 'ready' || state === 'delayed' || state === 'blocked';
		if (isOpen) waiting++;
		if (isOpen || state === 'leased') merging++;
	}
	return {queued: counts.ready + counts.delayed + counts.blocked - waiting, merging, merged: counts.merged};
};

const rememberedCounts = remember(countsOf);
/** Header counts: `q` waiting tasks, `m` between review and base. */
export const counts = (snapshot: RoomSnapshot): Counts => rememberedCounts(snapshot, 0);
