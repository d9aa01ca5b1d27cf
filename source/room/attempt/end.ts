import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import {GitRefused} from '../../git/process/refused.ts';
import {commitsBeyond, hasDescended} from '../../git/worktree/list.ts';
import {rescueFiles, saveWork} from '../../git/worktree/save.ts';
import {findTree, lastTaken} from '../../git/worktree/tree.ts';
import {isDiskFull} from '../../os/disk-full.ts';
import {removeFolder} from '../../os/remove-folder.ts';
import {removeHome} from '../../sandbox/home.ts';
import type {Attempt} from '../parts/attempt.ts';
import {forgetBuilt, lostFields} from '../parts/merge-queue.ts';
import {knownBase} from '../parts/moves.ts';
import type {Room} from '../parts/parts.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {handoffOf, lastLinesOf} from './handoff.ts';

/** `isChanged`: it has commits that the base branch lacks; `isDescended`: it still contains what the attempt started from. */
export type SavedAttempt = {
	readonly commit: string;
	readonly isChanged: boolean;
	readonly isDescended: boolean;
	readonly wasDirty: boolean;
	/** Why git refused to save, in words; '' if it saved. */
	readonly problem: string;
	/** The worktree has the only copy: git refused to save it, and it is still the folder that the room made. */
	readonly isOnlyThere: boolean;
};

const DISK_LOOK_MS = 1000;

/**
 * Saves, and waits while the disk is full: an agent's work is not redone for lack of space. Its lease is renewed meanwhile. Gives up when the room
 * shuts down: the worktree stays, and the next attempt continues in it.
 */
const withDisk = async <T>(
	room: Pick<Room, 'facts' | 'record' | 'lifecycle'>,
	{agent, task}: Attempt,
	save: () => Promise<T>,
): Promise<T> => {
	const {facts, record, lifecycle} = room;
	const isFull = (): boolean => [facts.options.stateFolder, facts.guardian.folder].some(isDiskFull);
	const banner = `disk-full ${agent.id}`;
	try {
		for (;;) {
			try {
				return await save();
			} catch (error) {
				if (!isFull() || !lifecycle.isOpen()) throw error;
				record.setBanner(banner, {
					severity: 'error',
					text: `The disk has no space left: the work of ${agentName(agent.id)} on ${task.id} waits to be saved. Free some space.`,
				});
				await wait(DISK_LOOK_MS, undefined, {ref: false});
			}
		}
	} finally {
		record.setBanner(banner, undefined);
	}
};

/** Commits what an attempt left in its worktree; undefined if the stage has no work of its own. Never throws. */
export const saveAttempt = async (
	room: Pick<Room, 'facts' | 'record' | 'merges' | 'lifecycle'>,
	attempt: Attempt,
): Promise<SavedAttempt | undefined> => {
	const {workspace: place, task} = attempt;
	const {store} = room.facts.guardian;
	if (place.branch === '') return undefined;
	const message = `Save the work of ${attempt.agent.id} on ${task.id}\n\nUncommitted at the end of attempt ${Math.max(1, task.attempt)}; committed by agent-room.`;
	const holds = async (commit: string): Promise<boolean> => task.base === '' || hasDescended(store.clone, commit, task.base);
	try {
		// Nothing can be saved without the room's objects: they are restored first.
		await room.facts.guardian.mend();
		const saved = await withDisk(room, attempt, () => saveWork({store, worktree: place.folder, message}));
		const [commits, isDescended] = await Promise.all([
			knownBase(room).then(head => commitsBeyond(store.clone, saved.commit, head)),
			holds(saved.commit),
		]);
		return {commit: saved.commit, isChanged: commits > 0, isDescended, wasDirty: saved.wasDirty, problem: '', isOnlyThere: false};
	} catch (error) {
		// The next agent reads it, and can do something about work that is too large.
		const hint = error instanceof GitRefused && error.code === 'too-large' ? `. ${error.hint}` : '';
		const problem = error instanceof Error ? `${error.message}${hint}` : String(error);
		room.facts.log(`cannot save the work of ${attempt.agent.id} on ${task.id}: ${problem}`);
		// Nothing of a git folder that was replaced is used; the files beside it are saved, and no attempt continues there.
		const rescued =
			error instanceof GitRefused && error.code === 'foreign-git'
				? await rescueFiles({store, worktree: place.folder, message}).catch(() => undefined)
				: undefined;
		const commit = rescued?.commit ?? lastTaken(store, place.folder);
		const isDescended = commit !== '' && (await holds(commit).catch(() => false));
		const isOnlyThere = rescued === undefined && findTree(store, place.folder) !== undefined;
		return {commit, isChanged: false, isDescended, wasDirty: true, problem, isOnlyThere};
	}
};

/**
 * What the next attempt starts from. A branch that lost its start is not passed on. If git refused to save, the next attempt continues in the same
 * worktree: no process of this one lives, and the worktree has the only copy. If the worktree is missing, it starts from the last commit on its
 * branch.
 */
export const keptFields = (saved: SavedAttempt | undefined): Record<string, string> => {
	if (!saved) return {};
	if (saved.isOnlyThere) return {fresh: '0'};
	return saved.isDescended ? {commit: saved.commit} : {};
};

/**
 * Fields by which the next attempt continues in the same session and worktree. No process of this one lives, and its commits are there. Its author
 * is recorded: another agent starts in its own worktree, from the last commit, and never writes into this one.
 */
export const goesOnHere = ({agent, task, workspace: place}: Attempt, saved: SavedAttempt | undefined): Record<string, string> => {
	const isHome = task.stage === 'develop' || task.stage === 'document';
	if (!isHome || place.branch === '' || !saved?.isDescended || saved.problem !== '') return {};
	return {fresh: '0', author: agent.id};
};

/** Forgets a finished attempt and its open questions; the script that took the task from the agent has recorded that. */
export const forget = (room: Pick<Room, 'facts' | 'slots' | 'merges' | 'lifecycle'>, attempt: Attempt): void => {
	movesOf(room.slots).move(attempt.agent.id, {type: 'be-over', attempt});
	attempt.questions = [];
	forgetBuilt(room, attempt.token);
	attempt.session?.close();
	attempt.socket?.close().catch(error => room.facts.log(`the socket of ${attempt.agent.id} on ${attempt.task.id}: ${String(error)}`));
	void attempt.surrounded.leave().catch(error => room.facts.log(`cannot remove the sandbox of ${attempt.agent.id}: ${String(error)}`));
	attempt.closeOver();
	room.lifecycle.requestTick();
};

/** Removes what an ended attempt's workspace needed; logs what cannot be removed. */
export const disposeWorkspace = async ({facts}: Pick<Room, 'facts'>, attempt: Attempt): Promise<void> => {
	try {
		if (attempt.temporary !== '') await removeFolder(attempt.temporary);
		await attempt.workspace.leave();
		// A reviewer's home goes at once; that of a worktree goes with its task.
		if (attempt.workspace.branch === '' && !attempt.agent.program) await removeHome(attempt.surrounded.home);
	} catch (error) {
		facts.log(`cannot remove the workspace of ${attempt.agent.id} on ${attempt.task.id}: ${String(error)}`);
	}
};

/** A merge or a test ended from here: the tasks that joined its head return to where they were, at no cost. */
const releaseJoined = async (
	{link}: Pick<Room, 'link'>,
	{entries, task: head, token}: Pick<Attempt, 'entries' | 'task' | 'token'>,
	reason: string,
): Promise<void> => {
	for (const {task} of entries.slice(1))
		await link.retryUntilWritten(() => link.coordination.release({task, token, reason, to: '', fields: lostFields(head)}));
};

/** Waits this long at most for the end of an attempt's output where something else holds the terminal open, ms. */
const LAST_OUTPUT_MS = 500;

/**
 * Ends an attempt: ends its processes, saves its work, then `handIn` writes the task's outcome. From the first step on its reports are refused. If a
 * process cannot be ended, the next attempt gets nothing of its worktree. `keepsSession`: its agent may resume its program's session, if it has one.
 * If the attempt is ending already, its result is written first: the outcome of `handIn` is then judged by its token.
 */
export const terminate = async <T>(
	room: Room,
	attempt: Attempt,
	{reason, graceMs, keepsSession = false}: {readonly reason: string; readonly graceMs: number; readonly keepsSession?: boolean},
	handIn: (fields: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> => {
	if (attempt.isEnding) {
		await attempt.over;
		return handIn({});
	}
	movesOf(room.slots).move(attempt.agent.id, {type: 'end', attempt});
	room.slots.pane(attempt.agent.id)?.say(reason);
	try {
		let fields: Record<string, string> = {};
		try {
			await attempt.end(graceMs);
			// Its last output belongs to the note; the room's own message does not.
			await Promise.race([attempt.ended, wait(LAST_OUTPUT_MS, undefined, {ref: false})]);
			const lastLines = lastLinesOf(room, attempt).filter(line => line.trim() !== reason);
			const saved = await saveAttempt(room, attempt);
			const note = await handoffOf(room, attempt, {reason, saved, lastLines});
			const session = keepsSession && attempt.session?.now().id ? goesOnHere(attempt, saved) : {};
			fields = {...keptFields(saved), ...note, ...session, ...lostFields(attempt.task)};
		} catch (error) {
			room.facts.log(`ending ${attempt.agent.id} on ${attempt.task.id}: ${String(error)}`);
		}
		const written = await handIn(fields);
		await releaseJoined(room, attempt, reason);
		await disposeWorkspace(room, attempt);
		return written;
	} finally {
		forget(room, attempt);
	}
};
