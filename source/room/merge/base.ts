import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import {isPushing} from '../../core/config/config.ts';
import {featureHead} from '../../core/queue/feature-branch.ts';
import {isTested} from '../../core/queue/merge-queue.ts';
import {parseTask, type Task} from '../../core/task/task.ts';
import {takenSince} from '../../git/guardian/since.ts';
import type {OpenWork} from '../../git/guardian/stray.ts';
import {isObjectId} from '../../git/process/names.ts';
import {gitLine} from '../../git/process/run.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {takeHead} from '../../git/worktree/look.ts';
import {lastTaken} from '../../git/worktree/tree.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {hasCandidate} from '../parts/merge-queue.ts';
import {alarmOf, keepMoves, knownBase, leave} from '../parts/moves.ts';
import type {Room} from '../parts/parts.ts';
import {baseName, gathers} from '../parts/remote.ts';
import {recheckMerges} from './merged-tasks.ts';

/** A move that could not be judged is checked again after this, ms. */
const AGAIN_MS = 1000;

const short = (commit: string): string => commit.slice(0, 7);

/** Has passed its tests and may be, or is, on the base. */
const mayHaveMerged = ({candidate, stage, state}: Task): boolean => candidate !== '' && (stage === 'merge' || state === 'merged');

/** A merge moves the base to a candidate that passed its tests, over candidates each on the one before; any other move is not a merge. */
export const isMerging = (tasks: Iterable<Task>, from: string, to: string): boolean => {
	const passed = [...tasks].filter(mayHaveMerged);
	if (from !== to && !passed.some(task => task.candidate === to && isTested(task))) return false;
	const below = new Map(passed.map(({candidate, candidateBase}) => [candidate, candidateBase]));
	for (let at: string | undefined = to, steps = 0; at !== undefined && steps <= below.size; at = below.get(at), steps++)
		if (at === from) return true;
	return false;
};

/**
 * Whether the base took a commit that passed, over commits that it took with it: the merge of a room that was killed right after its push. Its task may
 * be back in its test by now, without its candidate; that the commit passed, with the task's present work in it, is recorded with the task.
 */
const isPassed = async ({facts}: Pick<Room, 'facts'>, tasks: readonly Task[], from: string, to: string): Promise<boolean> => {
	const {folder} = facts.guardian;
	const task = tasks.find(
		({testedCommit, commit, stage, state}) =>
			testedCommit === to &&
			isObjectId(commit) &&
			(state === 'merged' || ((state === 'ready' || state === 'leased') && (stage === 'test' || stage === 'merge'))),
	);
	return task !== undefined && (await hasDescended(folder, to, task.commit)) && (await takenSince(folder, from, to)) !== undefined;
};

/** Remembered tasks, those of the pipeline as Redis has them now: the record may be late, and an alarm must not be early. */
const tasksNow = async ({link, record}: Pick<Room, 'link' | 'record'>): Promise<readonly Task[]> => {
	const tasks = [...record.team().tasks.values()];
	const moving = tasks.filter(({stage, candidate}) => stage === 'test' || stage === 'merge' || candidate !== '').map(({id}) => id);
	const read = await link.retryUntilWritten(() => link.coordination.read(moving));
	return tasks.map(task => {
		const fields = read.get(task.id);
		return fields === undefined ? task : parseTask(task.id, fields);
	});
};

/** Commits of attempts' work that has never merged. */
const openWorks = async ({facts, slots}: Pick<Room, 'facts' | 'slots'>, tasks: readonly Task[]): Promise<readonly OpenWork[]> => {
	const {store} = facts.guardian;
	const folders = new Map(slots.attempts().map(({task, workspace: place}) => [task.id, place]));
	const open = tasks
		// What a forge merged is no alarm: it is found out as what it is.
		.filter(({state, unmergedCommit, pull}) => state !== 'merged' && state !== 'planned' && unmergedCommit === '' && pull.state !== 'open')
		.map(async ({id, commit, worktree}) => {
			const place = folders.get(id);
			const taken = [worktree, place?.folder ?? ''].filter(Boolean).map(folder => lastTaken(store, folder));
			const here = place?.branch ? await takeHead(store, place.folder).catch(() => '') : '';
			return {task: id, refs: [...new Set([commit, ...taken, here])].filter(isObjectId)};
		});
	return (await Promise.all(open)).filter(({refs}) => refs.length > 0);
};

const who = (agent: string): string => (agent === '' ? 'an agent' : agentName(agent));

/** Raises the alarm: an attempt's work is on the base without a merge. Nothing is tested or merges until a human has decided. */
const raise = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges'>,
	task: Task,
	{from, to}: {readonly from: string; readonly to: string},
): Promise<void> => {
	const agent = task.owner || task.author || task.authors.at(-1) || '';
	const before = alarmOf(room);
	// As the script computes it.
	const first = before === undefined || before.to === to ? from : before.to === from ? before.from : '';
	room.merges.moves.alarm = {to, from: first};
	const text = `${room.facts.base} was moved to ${short(to)} by ${who(agent)}: unreviewed and untested work on ${task.id}`;
	await room.link.retryUntilWritten(() => room.link.coordination.stray({task: task.id, agent, from, to, text}));
};

/** Ends the alarm: a human decided, or the base no longer holds its commit. */
const settleAlarm = async ({facts, link, merges}: Pick<Room, 'facts' | 'link' | 'merges'>, commit: string): Promise<void> => {
	const text = merges.moves.decided || `${facts.base} no longer contains ${short(commit)}: you removed it`;
	await link.retryUntilWritten(() => link.coordination.unstray(commit, text));
	merges.moves.decided = '';
	merges.moves.alarm = undefined;
};

/** The author of a base move that no agent made. */
export const mover = ({facts}: Pick<Room, 'facts'>): string => (facts.guardian.store.remote ? 'a push' : 'you');

const tellMove = async (room: Pick<Room, 'facts' | 'link'>, to: string, isBack: boolean, off: number): Promise<void> => {
	const {facts, link} = room;
	const line = await gitLine(facts.guardian.folder, ['log', '-1', '--format=%an: %s', '--end-of-options', to, '--']);
	const lost = off === 0 ? 'it contains every merge' : `${off} ${off === 1 ? 'merge is' : 'merges are'} no longer in it`;
	const how = `moved${isBack ? ' back' : ''} ${facts.guardian.store.remote ? 'by a push' : 'by hand'} to`;
	const text = `${baseName(room)} ${how} ${short(to)} (${cleanText(line, 120)}): ${isBack ? lost : 'merge candidates are rebuilt on it'}`;
	await link.retryUntilWritten(() => link.coordination.appendEvent({type: 'base_moved', task: '', agent: '', text}));
};

/**
 * The base moved without a merge. A human's new commit is accepted; an attempt's unmerged work raises an alarm. What was removed from the base no
 * longer counts as merged, and is remembered, so that it does not return with other work without a question.
 */
const judgeMove = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges'>,
	tasks: readonly Task[],
	from: string,
	to: string,
): Promise<void> => {
	const alarm = alarmOf(room);
	const isBack = !(await hasDescended(room.facts.guardian.folder, to, from));
	const isUndone = alarm?.to === from && (alarm.from === to || room.merges.moves.decided !== '');
	if (isBack) {
		leave(room.merges.moves, {commit: from, of: isUndone ? room.record.team().control.strayTask : ''});
		// Keeps the commit in the store, whatever the user's repository prunes.
		await room.facts.guardian.importCommit(from).catch(error => room.facts.log(`storing ${from}: ${String(error)}`));
	}
	if (alarm && !(await hasDescended(room.facts.guardian.folder, to, alarm.to))) await settleAlarm(room, alarm.to);
	const mergedTasks = tasks.filter(mayHaveMerged).map(({candidate}) => candidate);
	const strayed = await room.facts.guardian.strayWork({
		...{from, to, mergedTasks: mergedTasks.filter(isObjectId), works: await openWorks(room, tasks)},
		left: room.merges.moves.left.filter(({of}) => of === '').map(({commit}) => commit),
	});
	const task = tasks.find(({id}) => id === strayed);
	if (task) await raise(room, task, {from, to});
	const off = await recheckMerges(room, to, task ? who(task.owner || task.author) : mover(room));
	if (!task && !isUndone) await tellMove(room, to, isBack, off);
};

/** Whether this room judges moves of the base: of several clones of one remote, the leader judges for all. */
export const isJudge = ({facts, lead}: Pick<Room, 'facts' | 'lead'>): boolean => !isPushing(facts.config) || lead.isOurs();

const look = async (room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'slots' | 'merges'>): Promise<void> => {
	const to = await room.facts.guardian.baseHead();
	room.record.setBaseCommit(to);
	const from = room.merges.moves.head;
	if (from === to) return;
	const isKnown = from === '' || isMerging(room.record.team().tasks.values(), from, to);
	const tasks = isKnown ? [] : await tasksNow(room);
	room.merges.moves.isByHand = !isKnown && !isMerging(tasks, from, to) && !(await isPassed(room, tasks, from, to));
	if (room.merges.moves.isByHand && isJudge(room)) await judgeMove(room, tasks, from, to);
	room.merges.moves.head = to;
	keepMoves(room.facts.options.stateFolder, baseName(room), room.merges.moves);
};

/**
 * Judges the present base once for each move, one at a time; returns at once if it has not moved. Guarantee: until then nothing is built on the
 * base, and nothing merges onto it. If it fails (repository missing), the move is judged next time.
 */
export const judgeBase = (room: Room): Promise<void> => {
	room.merges.moves.judging = room.merges.moves.judging.then(() =>
		look(room)
			.catch(async error => {
				room.facts.log(`the move of the base: ${error instanceof Error ? error.message : String(error)}`);
				await wait(AGAIN_MS, undefined, {ref: false});
			})
			.finally(room.lifecycle.requestTick),
	);
	return room.merges.moves.judging;
};

/** The last commit of the branch of a task's feature, in the store; '' if it has none. */
export const branchHead = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, task: Pick<Task, 'feature'>): Promise<string> => {
	const head = gathers(room, task) ? featureHead(room.record.team().tasks.values(), task) : '';
	if (head !== '' && !hasCandidate(room, head)) await room.facts.guardian.importCommit(head);
	return head;
};

/** `knownBase`, once it is known whose work the base holds; for a task the branch of its feature, if it has one. */
export const workBase = async (room: Room, task?: Pick<Task, 'feature'>): Promise<string> => {
	if (room.link.isConnected()) await judgeBase(room);
	return (task && (await branchHead(room, task))) || knownBase(room);
};

/** Whether the base may be built on: its last move is judged, and no alarm about it is open. */
export const isBaseJudged = (room: Pick<Room, 'record' | 'merges'>): boolean =>
	alarmOf(room) === undefined && room.merges.moves.head === room.record.baseCommit();

/** The record reports merges late: a merge that the base has lost again by then is checked. */
export const recheckMerged = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'merges'>,
	mergedCommit: readonly string[],
): Promise<void> => {
	const isThere = (commit: string): boolean => isMerging(room.record.team().tasks.values(), commit, room.record.baseCommit());
	if (isJudge(room) && room.merges.moves.isByHand && room.merges.moves.head !== '' && mergedCommit.some(commit => !isThere(commit)))
		await recheckMerges(room, room.merges.moves.head, mover(room));
};
