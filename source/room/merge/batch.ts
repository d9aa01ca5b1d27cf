import {batchSize} from '../../core/queue/batch.ts';
import type {MergeQueue} from '../../core/queue/merge-queue.ts';
import {stageRole} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import type {BatchEntry} from '../../core/team/coordination.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {isDue} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {opensPulls} from '../parts/remote.ts';
import {isClaiming, isFree} from '../parts/slot.ts';
import type {PlannedAgent} from '../team/team.ts';
import {neededApproval, scanBeside} from './approval.ts';
import {waitsForLock} from './locked.ts';
import {askReturning} from './returns.ts';

/** A batch is not gathered longer than this, or than its tests take, ms: what is lost with a killed room stays small, and its merges do not wait for it. */
const GATHER_MS = 4000;

/** Results that count as recent. */
const RECENT = 20;

const wasTested = ({testedCommit, removals}: Task): boolean => testedCommit !== '' || removals > 0;

/** How long the tests took last, ms, 0 if that is unknown; and the share of recent entries that failed. */
export const recentTests = ({tasks}: Pick<TeamSnapshot, 'tasks'>): {readonly testMs: number; readonly failing: number} => {
	const recent = [...tasks.values()]
		.filter(wasTested)
		.sort((a, b) => b.updatedAt - a.updatedAt)
		.slice(0, RECENT);
	const failed = recent.reduce((sum, {removals}) => sum + removals, 0);
	const passed = recent.filter(({testedCommit}) => testedCommit !== '').length;
	return {testMs: recent.find(({testMs}) => testMs > 0)?.testMs ?? 0, failing: failed === 0 ? 0 : failed / (failed + passed)};
};

/** Test runners without a test: this room's, the one that asks included, and those of other rooms. */
const idleTesters = ({facts, record, slots}: Pick<Room, 'facts' | 'record' | 'slots'>): number => {
	const here = slots.all().filter(slot => slot.agent.program === 'test' && (isFree(slot) || isClaiming(slot))).length;
	const role = stageRole('test');
	const elsewhere = [...record.team().agents.values()].filter(
		agent => agent.role === role && agent.room !== '' && agent.room !== facts.roomId && agent.status === 'idle' && !agent.paused,
	).length;
	return Math.max(1, here) + elsewhere;
};

/** Half of the last batch for a task whose tests ended with their machine; no limit for others. */
const limitOf = ({batch}: Task): number => (batch > 1 ? Math.floor(batch / 2) : Number.POSITIVE_INFINITY);

type Asked = {
	readonly task: Task;
	readonly agent: PlannedAgent;
	readonly mergeQueue: MergeQueue;
	/** The base's commit. */
	readonly head: string;
	/** The candidate of the first entry. */
	readonly candidate: string;
};

type Batching = Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>;

/** The entries that may be tested with this one now, in queue order, and how many of them. */
const wanted = (room: Batching, {task, agent, mergeQueue, head}: Asked): {readonly tasks: readonly Task[]; readonly most: number} => {
	const {kills, missingUntil} = room.merges.mergeQueue;
	const team = room.record.team();
	const isRed = team.control.failingBase === head;
	const isUndecided = mergeQueue.entries.some(({state}) => state === 'failed');
	// What was killed, or stands on a failure, is tested alone: its result says something about itself only. So is each pull request.
	if (opensPulls(room) || isRed || isUndecided || missingUntil > 0 || kills.has(task.id)) return {tasks: [], most: 0};
	const waits = {...room.merges.mergeQueue, notBefore: room.merges.notBefore, now: performance.now(), baseHead: head};
	const tasks = mergeQueue.queue.filter(
		other =>
			other.id !== task.id &&
			other.role === task.role &&
			(other.assigned === '' || other.assigned === agent.id) &&
			!kills.has(other.id) &&
			isDue(other, mergeQueue, waits, false),
	);
	const size = batchSize({
		mode: room.facts.config.batch,
		waiting: tasks.length + 1,
		idle: idleTesters(room),
		waitedMs: room.record.serverNow() - Math.min(...tasks.map(({updatedAt}) => updatedAt)),
		...recentTests(team),
	});
	return {tasks, most: Math.min(size, limitOf(task)) - 1};
};

/**
 * Builds the candidates of the entries that are tested together with the first one, each on the one before. What does not merge there, or
 * needs a human first, is left where it is: it is tested by itself later.
 */
export const gatherBatch = async (room: Batching, asked: Asked): Promise<readonly BatchEntry[]> => {
	const {tasks, most} = wanted(room, asked);
	const entries: BatchEntry[] = [];
	let limit = most;
	const until = performance.now() + Math.max(GATHER_MS, recentTests(room.record.team()).testMs);
	const coming = tasks.slice(0, most).map(({commit}) => commit);
	// What cannot be had is left out below, by itself.
	if (coming.length > 1) await room.facts.guardian.importCommits(coming).catch(() => undefined);
	for (const task of tasks) {
		limit = Math.min(limit, limitOf(task) - 1);
		if (entries.length >= limit || performance.now() > until) break;
		const onto = entries.at(-1)?.candidate ?? asked.candidate;
		const built = await candidateOf(room, task, onto, asked.head).catch(error => {
			room.facts.log(`${task.id} is not tested with ${asked.task.id}: ${error instanceof Error ? error.message : String(error)}`);
			return undefined;
		});
		if (built !== undefined) entries.push({task: task.id, commit: task.commit, candidate: built, candidateBase: onto});
	}
	return entries;
};

const candidateOf = async (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	task: Task,
	onto: string,
	head: string,
): Promise<string | undefined> => {
	if (await askReturning(room, task, head)) return undefined;
	const beside = scanBeside(room, task);
	const built = await room.facts.guardian.buildCandidate({
		...{commit: task.commit, task: task.id, title: task.title, author: task.author, onto},
		onMerged: to => beside.begin({from: onto, to}),
	});
	if (built.kind !== 'candidate') return undefined;
	if (await waitsForLock(room, task, {candidate: built.commit, candidateBase: onto})) return undefined;
	const merge = {candidate: built.commit, candidateBase: onto};
	return (await neededApproval(room, task, merge, beside.scan())) ? undefined : built.commit;
};
