import {pullBody, pullTitle} from '../../core/forge/words.ts';
import {isTested} from '../../core/queue/merge-queue.ts';
import {NO_PULL, pullText, writeSeen} from '../../core/task/pull.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {type PushedBranch, pushBranch} from '../../git/remote/branch.ts';
import {hasRemote} from '../../git/store/store.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {isBaseJudged, judgeBase} from '../merge/base.ts';
import {isReviewed, LONGEST_REMOTE_HOLD_MS, waitLonger} from '../merge/merge.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import type {PlannedAgent} from '../team/team.ts';
import {askForge, forkOf} from './ask.ts';
import {branchOf, isOursOn} from './branch.ts';

const short = (commit: string): string => commit.slice(0, 7);

type Tested = {readonly task: WholeTask; readonly token: string; readonly agent: PlannedAgent};

/** A tested task that is not brought to its pull request now: its place in the merge queue stays. */
export const notOpened = (room: Pick<Room, 'merges'>, task: string, why: string): NothingToRun => {
	waitLonger(room, task, LONGEST_REMOTE_HOLD_MS);
	return {outcome: 'wait', text: cleanText(`pull request not opened: ${why}`, 300), commit: ''};
};

/** Why nothing of this task may be pushed now; '' if exactly its tested commit may, under a token that Redis has just confirmed. */
export const whyNotPushed = async (room: Room, {task, token, agent}: Tested): Promise<string> => {
	const {facts, link, lead, record} = room;
	await judgeBase(room);
	const {control} = record.getFresh().team;
	if (control.frozen || control.paused || link.isRecovering()) return 'everything is frozen';
	if (!lead.isOurs()) return 'another room leads the team now';
	if (!isBaseJudged(room)) return `${facts.base} was moved outside the merge queue: decide on that first`;
	if (!isReviewed(task)) return `the review saw ${short(task.reviewedCommit)}, not ${short(task.commit)}`;
	// Also where it passed in a batch that is gone since.
	if (task.candidate === '' || task.commit === '' || !isTested(task)) return 'it has no tested commit';
	const held = {agent: agent.id, task: task.id, token};
	return (await link.coordination.renew(held, facts.config.lease)) === 'ok' ? '' : 'it was reassigned';
};

/** Why a branch is not at the commit that was to be pushed; '' if it is. */
export const whyNotAt = (branch: string, pushed: PushedBranch): string => {
	if (pushed.kind === 'done') return '';
	return pushed.kind === 'foreign'
		? `${branch} holds ${short(pushed.head)}, which somebody else pushed; delete that branch on the forge to continue`
		: `${branch} was not pushed: ${pushed.reason}`;
};

/**
 * A tested task becomes a pull request: its branch is pushed, and the request opened or brought up to date. Guarantees: exactly the commit that was
 * reviewed and tested is pushed, under a token that Redis has just confirmed; there is one pull request, wherever this was killed, since branch and
 * request are looked up before they are made. Nothing here moves the base.
 */
export const openPull = async (room: Room, tested: Tested): Promise<NothingToRun> => {
	const {facts} = room;
	const {task} = tested;
	const {store} = facts.guardian;
	const wait = (why: string): NothingToRun => notOpened(room, task.id, why);
	if (!hasRemote(store)) return wait('merges go to no remote');
	const early = await whyNotPushed(room, tested);
	if (early !== '') return wait(early);
	const branch = branchOf(room, task);
	await facts.guardian.importCommit(task.commit);
	const pushed = whyNotAt(branch, await pushBranch(store, {branch, to: task.commit, isOurs: isOursOn(store, task)}));
	if (pushed !== '') return wait(pushed);
	const opened = await askForge(room, 'open', {
		...{branch, base: store.remote.branch, head: task.commit, isDraft: false},
		...{from: await forkOf(room), title: pullTitle(task), body: pullBody(task, {test: facts.config.test ?? '', base: facts.base})},
	});
	if (!opened.ok) return wait(opened.message);
	room.merges.mergeBackoff.delete(task.id);
	const {number, url} = opened.pull;
	const text = pullText({...NO_PULL, number, state: 'open'});
	return {
		outcome: 'held',
		decision: 'pull',
		text,
		commit: '',
		fields: {
			...{candidate: task.candidate, candidateBase: task.candidateBase, pullNumber: String(number), pullUrl: url, pullState: 'open'},
			...{pullBranch: branch, pullHead: task.commit, pullChecks: '', pullUpdatedAt: '', pullDraft: ''},
			// Your word is about this commit, and no later one.
			pullWanted: task.pull.isWanted && task.pull.head === task.commit ? '1' : '',
			pullSeen: writeSeen(task.pull.seen),
		},
	};
};
