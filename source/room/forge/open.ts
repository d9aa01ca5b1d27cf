import {pullBody, pullTitle} from '../../core/forge/words.ts';
import {isTested} from '../../core/queue/merge-queue.ts';
import {NO_PULL, pullText, writeSeen} from '../../core/task/pull.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {pushBranch} from '../../git/remote/branch.ts';
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

/**
 * A tested task becomes a pull request: its branch is pushed, and the request opened or brought up to date. Guarantees: exactly the commit that was
 * reviewed and tested is pushed, under a token that Redis has just confirmed; there is one pull request, wherever this was killed, since branch and
 * request are looked up before they are made. Nothing here moves the base.
 */
export const openPull = async (
	room: Room,
	{task, token, agent}: {readonly task: WholeTask; readonly token: string; readonly agent: PlannedAgent},
): Promise<NothingToRun> => {
	const {facts, link, lead, record} = room;
	const {store} = facts.guardian;
	const wait = (text: string): NothingToRun => {
		waitLonger(room, task.id, LONGEST_REMOTE_HOLD_MS);
		return {outcome: 'wait', text: cleanText(`pull request not opened: ${text}`, 300), commit: ''};
	};
	if (!hasRemote(store)) return wait('merges go to no remote');
	await judgeBase(room);
	const {control} = record.getFresh().team;
	if (control.frozen || control.paused || link.isRecovering()) return wait('everything is frozen');
	if (!lead.isOurs()) return wait('another room leads the team now');
	if (!isBaseJudged(room)) return wait(`${facts.base} was moved outside the merge queue: decide on that first`);
	if (!isReviewed(task)) return wait(`the review saw ${short(task.reviewedCommit)}, not ${short(task.commit)}`);
	// Also where it passed in a batch that is gone since.
	if (task.candidate === '' || task.commit === '' || !isTested(task)) return wait('it has no tested commit');
	const held = {agent: agent.id, task: task.id, token};
	if ((await link.coordination.renew(held, facts.config.lease)) !== 'ok') return wait('it was reassigned');
	const branch = branchOf(room, task);
	await facts.guardian.importCommit(task.commit);
	const pushed = await pushBranch(store, {branch, to: task.commit, isOurs: isOursOn(store, task)});
	if (pushed.kind === 'foreign')
		return wait(`${branch} holds ${short(pushed.head)}, which somebody else pushed; delete that branch on the forge to continue`);
	if (pushed.kind === 'refused') return wait(`${branch} was not pushed: ${pushed.reason}`);
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
