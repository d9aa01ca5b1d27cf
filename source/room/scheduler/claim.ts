import {join} from 'node:path';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {Lease, Mail} from '../../core/team/coordination.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {isDiskFull} from '../../os/disk-full.ts';
import {isRefusedForNow} from '../../redis/errors.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {startAttempt} from '../attempt/attempt.ts';
import {finishAttempt, restAfterCrash} from '../attempt/finish.ts';
import {startOwnAttempt} from '../attempt/own-attempt.ts';
import {watchUsage} from '../attempt/usage.ts';
import {gather} from '../forge/gather.ts';
import {openPull} from '../forge/open.ts';
import {bindingLocks, readOnlyPaths, readOnlyText} from '../mail/enforce-locks.ts';
import {markRead, unreadMail} from '../mail/mail.ts';
import {prepareTest} from '../merge/candidate.ts';
import {carryOutMerge} from '../merge/carry-out.ts';
import {finishMerge} from '../merge/merge.ts';
import {recordOutcome} from '../merge/outcome.ts';
import {finishTest} from '../merge/test.ts';
import type {Attempt, Ended, NothingToRun, Workspace} from '../parts/attempt.ts';
import {buildLock, forgetBuilt, lostFields} from '../parts/merge-queue.ts';
import {chosenFor, type Room} from '../parts/parts.ts';
import {gathers, opensPulls} from '../parts/remote.ts';
import {isFree, type Slot} from '../parts/slot.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {placePlan} from '../planning/workspace.ts';
import {withGitGuard} from '../prepare/guard.ts';
import {prepareWorkspace, worktreesFolder} from '../prepare/workspace.ts';
import {holdForRemote} from '../remote/remote.ts';
import {superviseSession} from '../session/supervise.ts';
import {watchSession} from '../session/watch.ts';
import type {Pane} from '../team/pane.ts';
import type {PlannedAgent} from '../team/team.ts';

/** Rest of a task whose candidate could not be built, ms; grows each time and is longer than its tester's, so that others go first. */
const ENTRY_REST_MS = 5000;
const LONGEST_ENTRY_REST_MS = 300_000;

/** Answers to a claim after which its agent waits in Redis. */
const WAITS: ReadonlySet<string> = new Set(['none', 'throttled', 'drained', 'over-budget', 'paused', 'frozen']);

/** Redis could not be asked: the agent rests, then starts what was assigned to it. */
const giveUpClaim = ({slots}: Pick<Room, 'slots'>, id: string): void => {
	const moves = movesOf(slots);
	if (slots.get(id)?.now.kind === 'claiming') moves.move(id, {type: 'get-no-answer'});
	moves.rest(id, 'refused');
};

/** Starts the attempt of a task assigned to a waiting agent, or of a granted claim whose answer was lost. */
export const beginHanded = async (
	room: Room,
	{agent: id, task: name, token}: {readonly agent: string; readonly task: string; readonly token: string},
): Promise<void> => {
	const slot = room.slots.get(id);
	if (!slot || room.lifecycle.begun.has(token) || !(isFree(slot) || slot.now.kind === 'handed')) return;
	const moves = movesOf(room.slots);
	moves.move(id, {type: 'take-up', lease: {agent: id, task: name, token}});
	try {
		const task = await room.link.coordination.task(name);
		if (task?.token === token) await inOrder(room, slot.agent, leave => begin(room, slot, task, token, leave));
		else {
			// Already superseded: it never returns and is not checked again.
			remember(room, token);
			moves.move(id, {type: 'get-nothing', waits: false});
		}
	} catch (error) {
		giveUpClaim(room, id);
		throw error;
	} finally {
		room.lifecycle.requestTick();
	}
};

/** Queue entries are claimed and built in the order of the decision; `leave` lets the next one start. Other tasks do not wait. */
const inOrder = async (
	room: Pick<Room, 'merges'>,
	agent: PlannedAgent,
	work: (leave: () => void) => Promise<void>,
	beforehand?: Promise<unknown>,
): Promise<void> => {
	const turn = agent.program === 'test' ? buildLock(room) : undefined;
	try {
		await Promise.all([turn?.mine, beforehand]);
		await work(() => turn?.leave());
	} finally {
		turn?.leave();
	}
};

/** Brings the work of a task to the guardian while others are built; its own build finds what is missing. */
const bringIn = async ({facts, record}: Pick<Room, 'facts' | 'record'>, task: string): Promise<void> => {
	const commit = record.team().tasks.get(task)?.commit ?? '';
	if (commit !== '') await facts.guardian.importCommit(commit).catch(() => undefined);
};

/**
 * Claims a task for an idle agent (for a program, exactly `wanted`) and starts its attempt. A claim that gives nothing is not repeated before
 * something has changed.
 */
export const claimFor = async (room: Room, id: string, wanted = ''): Promise<void> => {
	const slot = room.slots.get(id);
	if (!slot || !isFree(slot)) return;
	const {agent} = slot;
	const moves = movesOf(room.slots);
	moves.move(id, {type: 'ask'});
	const askedAt = room.record.team().streamId;
	try {
		const work = async (leave: () => void): Promise<void> => {
			const ask = () =>
				room.link.coordination.claim({
					agent: id,
					room: room.facts.roomId,
					leaseMs: room.facts.config.lease,
					nonce: room.facts.newNonce(),
					stages: agent.stages,
					waits: !agent.program,
					...(wanted ? {wanted} : {}),
				});
			// Only the leader decides what is tested and merged next; from then on the task has its own token.
			const claimed = await (agent.program ? room.lead.as(ask) : ask());
			room.link.refused(id, '');
			if (claimed.code === 'ok') await begin(room, slot, claimed.task, claimed.token, leave);
			else {
				moves.giveUpAt(id, askedAt);
				moves.move(id, {type: 'get-nothing', waits: !agent.program && WAITS.has(claimed.code)});
			}
		};
		await inOrder(room, agent, work, agent.program === 'test' ? bringIn(room, wanted) : undefined);
	} catch (error) {
		if (isRefusedForNow(error)) room.link.refused(id, error.message);
		giveUpClaim(room, id);
		throw error;
	} finally {
		room.lifecycle.requestTick();
	}
};

/** Tokens remembered: far more than can be in use together. */
const TOKENS_KEPT = 10_000;

const remember = ({lifecycle}: Pick<Room, 'lifecycle'>, token: string): void => {
	lifecycle.begun.add(token);
	for (const oldest of lifecycle.begun) {
		if (lifecycle.begun.size <= TOKENS_KEPT) return;
		lifecycle.begun.delete(oldest);
	}
};

const finish = (room: Room, attempt: Attempt, ended: Ended): Promise<void> => {
	if (attempt.agent.program === 'test') return finishTest(room, attempt, ended);
	return attempt.agent.program === 'merge' ? finishMerge(room, attempt, ended) : finishAttempt(room, attempt, ended);
};

const placeOf = (
	room: Room,
	{agent, task, token}: {readonly agent: PlannedAgent; readonly task: WholeTask; readonly token: string},
	endTick: () => void,
): Promise<Workspace | NothingToRun> => {
	if (agent.program === 'test') return prepareTest(room, {task, token, agent}, endTick);
	if (agent.program === 'merge' && gathers(room, task)) return gather(room, {task, token, agent});
	if (agent.program === 'merge' && opensPulls(room)) return openPull(room, {task, token, agent});
	if (task.stage === 'plan') return placePlan(room, task, token, agent);
	const {facts, link, merges} = room;
	const {workBase, branchHead} = merges;
	return prepareWorkspace(task, token, agent, {...facts, workBase, branchHead, task: id => link.coordination.task(id)});
};

const stageBanner = (program: string): string => `stage-${program}`;

/** Starts the program of an attempt, which is told what others have locked. */
const startProgram = async (
	room: Room,
	attempt: Pick<Attempt, 'agent' | 'task' | 'token' | 'startedAt' | 'workspace'> & {readonly pane: Pane},
	number: number,
	mails: readonly Mail[],
): Promise<Attempt> => {
	const {agent, task, workspace} = attempt;
	// Of those locks alone that are held now: what is locked later is refused when the work is submitted.
	const locked = agent.writes ? await readOnlyPaths(room, agent.id, workspace.folder) : [];
	const isBound = agent.writes && bindingLocks(room, agent.id).length > 0;
	const notice = {id: '', at: room.record.serverNow(), from: 'room', task: task.id, text: readOnlyText(room, agent.id)};
	return startAttempt(
		{
			...attempt,
			number,
			mails: isBound ? [...mails, notice] : mails,
			readOnly: locked.map(path => join(workspace.folder, path)),
			workspace: await withGitGuard(room, agent, workspace),
		},
		room.facts.paths,
	);
};

const begin = async (room: Room, {agent, number, pane}: Slot, task: WholeTask, token: string, endTick: () => void): Promise<void> => {
	const moves = movesOf(room.slots);
	const held = {agent: agent.id, task: task.id, token};
	moves.move(agent.id, {type: 'be-granted', lease: held});
	remember(room, token);
	let made: Workspace | undefined;
	try {
		// No paid agent starts while its work could not be saved.
		const full = [room.facts.options.stateFolder, worktreesFolder(room.facts.options.stateFolder)].find(isDiskFull);
		if (full !== undefined && !agent.program) throw new Error(`the disk has no space left: ${full}`);
		const workspace = await placeOf(room, {agent, task, token}, endTick);
		if ('outcome' in workspace) {
			await recordOutcome(room, agent, task, token, workspace);
			return;
		}
		made = workspace;
		if (!(await isStillOurs(room, held, workspace))) {
			await workspace.discard();
			return;
		}
		const mails = agent.program ? [] : await unreadMail(room, agent.id);
		const attempt = {agent, task: {...task, ...workspace.fields}, token, startedAt: performance.now(), workspace, pane};
		const started =
			agent.program === 'merge'
				? startOwnAttempt(attempt, room.facts.options.stateFolder, carryOutMerge(room))
				: await startProgram(room, attempt, number, mails);
		moves.move(agent.id, {type: 'start', attempt: started});
		room.merges.failedStarts.delete(task.id);
		if (agent.program) room.record.setBanner(stageBanner(agent.program), undefined);
		const tellUsage = watchUsage(room, started);
		void started.ended.then(async ended => {
			// Before its result: usage is charged to the task while its token is current.
			await tellUsage();
			await finish(room, started, ended);
		});
		tellPid(room, started);
		watchSession(room, started);
		superviseSession(room, started);
		void markRead(room, started, mails);
	} catch (error) {
		// No attempt ran there: a start that fails again and again must not leave worktrees.
		await made?.discard().catch(failure => room.facts.log(`cannot remove the workspace of ${agent.id} on ${task.id}: ${String(failure)}`));
		const message = error instanceof Error ? error.message : String(error);
		if (error instanceof GitRefused && error.code === 'remote-away' && (await holdForRemote(room, task.stage)))
			await giveBackUntried(room, agent, task, token, message);
		else await couldNotStart(room, agent, task, token, message);
	} finally {
		if (room.slots.get(agent.id)?.now.kind === 'preparing') moves.move(agent.id, {type: 'give-up'});
		if (room.slots.attempt(agent.id)?.token !== token) forgetBuilt(room, token);
	}
};

/**
 * Making the workspace takes time: a token superseded meanwhile (cancelled, reassigned, room shutting down) starts nothing. The same step writes
 * what preparing determined.
 */
const isStillOurs = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'lifecycle'>,
	held: Lease,
	workspace: Workspace,
): Promise<boolean> => {
	const isAlone = Object.keys(workspace.fields).length === 0;
	const written = await room.link.retryUntilWritten(() =>
		isAlone ? room.link.coordination.renew(held, room.facts.config.lease) : room.link.coordination.progress(held, workspace.fields, ''),
	);
	if (written === 'ok' && !room.lifecycle.isOpen())
		await room.link.retryUntilWritten(() =>
			room.link.coordination.release({...held, reason: 'the room is stopping', to: chosenFor(room, held.task), fields: {}}),
		);
	return written === 'ok' && room.lifecycle.isOpen();
};

/** The process runs whether or not this is written: a failure here ends no attempt. */
const tellPid = ({facts, link}: Pick<Room, 'facts' | 'link'>, {agent, pid}: Attempt): void => {
	link
		.retryUntilWritten(() => link.coordination.updateAgent(agent.id, {pid: String(pid), doing: ''}, ''))
		.catch(error => facts.log(`cannot record the pid of ${agent.id}: ${String(error)}`));
};

/** What the task needs is on a remote that is away: it returns at no cost, and its agent is as before. Another room may reach it. */
const giveBackUntried = async (
	{facts, link, slots}: Pick<Room, 'facts' | 'link' | 'slots'>,
	agent: PlannedAgent,
	task: Task,
	token: string,
	message: string,
): Promise<void> => {
	const reason = cleanText(message, 300);
	facts.log(`${agent.id} gives back ${task.id} until the remote answers: ${message}`);
	slots.pane(agent.id)?.say(`waits for the remote: ${reason}`);
	await link.retryUntilWritten(() =>
		link.coordination.release({task: task.id, token, reason, to: task.assigned, fields: lostFields(task)}),
	);
};

/**
 * The command or the workspace could not start. The task returns at no cost, since another agent may succeed; this one rests, longer each time, with
 * the reason on screen.
 */
const couldNotStart = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'merges'>,
	agent: PlannedAgent,
	task: Task,
	token: string,
	message: string,
): Promise<void> => {
	const reason = cleanText(message, 300);
	room.facts.log(`${agent.id} could not start ${task.id}: ${message}`);
	const count = (room.merges.failedStarts.get(task.id)?.count ?? 0) + 1;
	room.merges.failedStarts.set(task.id, {count, reason});
	room.slots.pane(agent.id)?.say(`could not start: ${reason}`);
	// The room's own stages wait until the fault is fixed: the screen says it, and no task is blamed.
	if (agent.program)
		room.record.setBanner(stageBanner(agent.program), {severity: 'error', text: `The ${agent.program} stage waits: ${reason}`});
	// The merge queue is ordered: an entry that cannot be built (its commit is lost, say) would be first again each time, and no other would be
	// tested.
	const isQueueEntry = task.stage === 'test';
	if (isQueueEntry) room.merges.notBefore.set(task.id, performance.now() + Math.min(LONGEST_ENTRY_REST_MS, ENTRY_REST_MS * 2 ** count));
	const fields = {...lostFields(task), ...(isQueueEntry ? {waitReason: cleanText(`could not be tested: ${reason}`, 300)} : {})};
	await room.link.retryUntilWritten(() => room.link.coordination.release({task: task.id, token, reason, to: task.assigned, fields}));
	await restAfterCrash(room, agent.id, reason);
};
