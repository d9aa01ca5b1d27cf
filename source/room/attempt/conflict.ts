import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import type {ActionResult} from '../../core/protocol/action.ts';
import {nextRole, nextStage} from '../../core/task/stages.ts';
import type {Task, WholeTask} from '../../core/task/task.ts';
import type {Call, Completed, Lease} from '../../core/team/coordination.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import {halfDone} from '../../git/merge/in-progress.ts';
import {type Dropped, judgeMerge} from '../../git/merge/lost-sides.ts';
import {openScratch} from '../../git/merge/merge-tree.ts';
import {isObjectId} from '../../git/process/names.ts';
import {asRepository} from '../../git/store/store.ts';
import type {Judgement} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import {type Concluded, concluded} from '../parts/slot.ts';
import type {Word} from '../planning/decision.ts';
import {isOnBase, listed} from '../prepare/conflict.ts';
import {wantsAudit} from '../prepare/guard.ts';

/** Fields of a task whose commit conflicts with that commit of the base. */
export const conflictFields = (task: Pick<Task, 'commit'>, conflictWith: string) => ({
	conflictWith,
	conflicted: task.commit,
	drops: '0',
});

const RESOLVED = {conflictWith: '', conflicted: '', drops: '0'} as const;

/** The result of a conflict; `fields` are those of a task without one. */
export type Resolved =
	| {readonly kind: 'kept'; readonly fields: Readonly<Record<string, string>>}
	/** Not submitted. */
	| {readonly kind: 'unfinished'; readonly reason: string}
	/** Content of a side is missing; `isAgain`: that was reported before. */
	| {readonly kind: 'dropped'; readonly reason: string; readonly feedback: string; readonly isAgain: boolean};

const LINES_TOLD = 60;

const tellDropped = (base: string, dropped: readonly Dropped[]): string => {
	const whose = {ours: "the task's own branch", theirs: base, both: 'both sides'} as const;
	const lines = dropped.flatMap(({file, side, lines: lost}) => {
		if (lost.length === 0) return [`${file}: as changed by ${whose[side]} (cannot be compared by lines)`];
		return [`${file}, from ${whose[side]}:`, ...lost.map(line => `    ${line}`)];
	});
	const more = lines.length > LINES_TOLD ? [`... and ${lines.length - LINES_TOLD} more lines`] : [];
	return [
		'The merge lost content that a side had added:',
		'',
		...lines.slice(0, LINES_TOLD),
		...more,
		'',
		'Restore it in a new commit. If it cannot stay, write code that does the same. If it is missing again, a human decides.',
	].join('\n');
};

/** The base was moved back behind the conflicting commit, and nothing half-merged is submitted. */
const isOver = async (room: Pick<Room, 'facts' | 'merges'>, task: Task, commit: string): Promise<boolean> =>
	!(await isOnBase({...room.facts, branchHead: room.merges.branchHead}, task, task.conflictWith)) &&
	(await halfDone(room.facts.guardian.folder, commit)) === undefined;

/**
 * Judges the work on a task in conflict by what git holds. Guarantee: no conflict is resolved by taking a side. Work that lost an addition of either
 * side is not submitted; its author may rewrite its own lines, never those of the base. Undefined for a task without a conflict. A merge that the
 * agent started itself must be concluded, too.
 */
export const judgeConflict = async (room: Pick<Room, 'facts' | 'merges'>, task: Task, commit: string): Promise<Resolved | undefined> => {
	if (task.conflictWith === '') {
		const half = await halfDone(room.facts.guardian.folder, commit).catch(() => undefined);
		return half && {kind: 'unfinished', reason: 'unresolved conflicts in the worktree'};
	}
	const trials = join(room.facts.options.stateFolder, 'trials');
	mkdirSync(trials, {recursive: true, mode: 0o700});
	const folder = mkdtempSync(join(trials, 't-'));
	try {
		const ours = isObjectId(task.conflicted) ? task.conflicted : task.commit;
		const scratch = await openScratch(asRepository(room.facts.guardian.store), join(folder, 'git'));
		const found = await judgeMerge(
			scratch,
			{ours, theirs: task.conflictWith, result: commit},
			// A conflict resolver works in its own stage; in any other the task's side belongs to its agent.
			{isAuthor: task.stage !== 'resolve'},
		);
		if (found.kind === 'kept') return {kind: 'kept', fields: RESOLVED};
		if (found.kind === 'unmerged') {
			return (await isOver(room, task, commit))
				? {kind: 'kept', fields: RESOLVED}
				: {kind: 'unfinished', reason: `the merge of \`${room.facts.base}\` is not committed`};
		}
		if (found.kind === 'markers') return {kind: 'unfinished', reason: `conflict markers left in ${listed(found.files)}`};
		const files = [...new Set(found.dropped.map(({file}) => file))];
		return {
			kind: 'dropped',
			reason: `the merge lost content that a side had added in ${listed(files)}`,
			feedback: tellDropped(room.facts.base, found.dropped),
			isAgain: task.drops > 0,
		};
	} catch (error) {
		if (await isOver(room, task, commit)) return {kind: 'kept', fields: RESOLVED};
		return {kind: 'unfinished', reason: `the merge could not be checked: ${error instanceof Error ? error.message : String(error)}`};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
};

/**
 * Returns a resolution that lost content to its stage, with the list; the second time it waits for a human. Neither costs an attempt. Written under
 * the lease's token, as every result.
 */
export const sendBack = async (
	{link}: Pick<Room, 'link'>,
	task: Task,
	held: Lease & {readonly nextCall: Call | undefined},
	{reason, feedback, fields, isAgain}: Extract<Judgement, {kind: 'dropped'}>,
): Promise<Concluded> => {
	const waitReason = `${reason}: approve the merge, or request changes with a comment`;
	const completed = await link.retryUntilWritten(() =>
		link.coordination.complete({
			...held,
			stage: task.stage,
			next: isAgain ? 'needs-decision' : task.stage,
			nextRole: task.role,
			word: 'dropped',
			fields: {...fields, reason, feedback, drops: String(task.drops + 1), ...(isAgain ? {decision: 'dropped', waitReason} : {})},
			counts: 'none',
			delayMs: 0,
			text: reason,
		}),
	);
	return concluded(held.agent, completed, held.nextCall !== undefined);
};

/** Whether another failure would fail the task while a resolver has it: its author knows more and gets the last try. */
export const isLastTry = ({stage, failures, attempts}: Task): boolean => stage === 'resolve' && failures + 1 >= attempts;

/** The resolver failed: the author continues with what it left, the merge still in progress, and has the last try. */
export const giveHome = async (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	task: Task,
	held: Lease,
	{reason, feedback}: {readonly reason: string; readonly feedback: string},
	kept: Readonly<Record<string, string>>,
): Promise<Completed['code']> => {
	const next = nextStage(task, 'failed', waysOf(room)) ?? task.stage;
	if (next === 'merged') throw new Error(`${task.id} cannot end here`);
	const completed = await room.link.retryUntilWritten(() =>
		room.link.coordination.complete({
			...held,
			stage: task.stage,
			next,
			nextRole: nextRole(next, task),
			word: 'failed',
			fields: {...kept, author: task.author, reason: plainTextLine(reason, 300), feedback, waitReason: ''},
			counts: 'none',
			delayMs: 0,
			text: `not resolved: ${plainTextLine(reason, 250)}`,
		}),
	);
	return completed.code;
};

/** A human's decision on a resolution that leaves something out: it continues as it is, or returns with the comment and two more tries. */
export const decideDropped = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'merges' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	const isAccepted = word.type === 'approve';
	const audit = isAccepted && (await wantsAudit(room, task, task.commit));
	const next = isAccepted ? (nextStage({...task, audit}, 'done', waysOf(room)) ?? task.stage) : task.stage;
	if (next === 'merged') return refusal('refused', `${task.id} cannot end here.`, '');
	const words = isAccepted ? '' : word.reason;
	const written = await room.link.coordination.decide({
		task: task.id,
		decision: 'dropped',
		next,
		nextRole: nextRole(next, task),
		fields: isAccepted
			? {...RESOLVED, feedback: '', reason: '', audit: audit ? '1' : ''}
			: {drops: '0', feedback: `${words}\n\n${task.feedback}`, reason: 'changes to the merge requested by you'},
		text: isAccepted ? 'merge approved by you' : `changes to the merge requested by you: ${plainTextLine(words, 200)}`,
	});
	if (written !== 'ok') return refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	room.lifecycle.requestTick();
	return {ok: true, text: isAccepted ? `approved the merge of ${task.id}` : `requested changes to the merge of ${task.id}`};
};
