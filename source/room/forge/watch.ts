import {commentMark, flakyOf, nextOf, type PullNext, shownChecks, sortComments} from '../../core/forge/next.ts';
import type {ForgeComment, ForgePull} from '../../core/forge/protocol.ts';
import {asReviewComment, checkFeedback, waitingText} from '../../core/forge/words.ts';
import {carrierOf, featureBranches, isGathered} from '../../core/queue/feature-branch.ts';
import {formatComments, withRound} from '../../core/review/comments.ts';
import {pullText, writeChecks, writeSeen} from '../../core/task/pull.ts';
import {nextRole} from '../../core/task/stages.ts';
import {FINAL_STATES, type Task, type WholeTask} from '../../core/task/task.ts';
import {holdsChange} from '../../git/guardian/off-base.ts';
import {isObjectId} from '../../git/process/names.ts';
import {gitLine} from '../../git/process/run.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import {cleanup} from '../attempt/cleanup.ts';
import type {Room} from '../parts/parts.ts';
import {baseName} from '../parts/remote.ts';
import {askRemote} from '../remote/remote.ts';
import {askForge} from './ask.ts';
import {tendFeatures} from './features.ts';
import {mergePull, retestConflicting} from './merge.ts';
import {writePull} from './write.ts';

/** How often a forge is asked: at rest, while checks run, and at most, if it is away or was asked too often, ms. */
const REST_MS = 60_000;
const RUNNING_MS = 15_000;
const LONGEST_MS = 900_000;
/** How soon it is asked again after the room had it merge one, and at your word while it is away, ms. */
const SOON_MS = 2000;
const AT_YOUR_WORD_MS = 2000;
/** Pull requests in one request. */
const AT_ONCE = 50;
/** Comments that go to an author in one round; the next ones follow with the next. */
export const MOST_AT_ONCE = 30;

const short = (commit: string): string => commit.slice(0, 7);

/** Changes are requested: the author gets these words in the same session, and every approval is void. */
export const sendBack = async (
	room: Pick<Room, 'link' | 'lead' | 'record'>,
	task: WholeTask,
	{
		reason,
		feedback,
		comments,
		fields,
	}: {
		readonly reason: string;
		readonly feedback: string;
		readonly comments: readonly ForgeComment[];
		readonly fields: Readonly<Record<string, string>>;
	},
): Promise<string> => {
	const read = {text: feedback, comments: comments.map(asReviewComment)};
	const round = {
		at: Math.round(room.record.serverNow()),
		stage: 'review',
		reviewer: 'person',
		commit: task.commit,
		verdict: 'changes',
		...read,
	} as const;
	const seen = writeSeen([...task.pull.seen, ...comments.map(commentMark)]);
	const branch = task.pull.isOfFeature ? featureBranches(room.record.team().tasks.values()).get(task.feature) : undefined;
	// It continues where the branch is: what is asked for may be about the work of another task on it.
	const start: Readonly<Record<string, string>> =
		branch && branch.members.length > 1 ? {commit: branch.head, branch: '', worktree: '', session: ''} : {};
	return writePull(room, task, {
		...{outcome: 'home', role: nextRole(task.firstStage, task), text: reason},
		fields: {
			...start,
			...{feedback: formatComments(read), reviews: withRound(task.reviews, round)},
			...{pullSeen: seen, pullWaiting: '0', pullReplies: writeSeen([...task.pull.replies, ...comments.map(({id}) => id)])},
			...fields,
		},
	});
};

/** The forge merged it: so is the task, and each whose work is on the same branch, once the base as git has it holds that commit. */
const takeMerged = async (room: Room, {task, others}: Watched, commit: string): Promise<void> => {
	const {guardian} = room.facts;
	const fetched = await guardian.fetchBase();
	if (fetched.kind !== 'at') return;
	const {folder} = guardian;
	const {head} = fetched;
	const merged = isObjectId(commit) ? commit : '';
	const isThere = merged !== '' && (await hasDescended(folder, head, merged).catch(() => false));
	// A forge that names no commit is believed only if the pushed one is there itself.
	const mergedCommit = isThere ? merged : (await hasDescended(folder, head, task.pull.head).catch(() => false)) ? task.pull.head : '';
	if (mergedCommit === '') {
		const waitReason = `pull request #${task.pull.number} was merged, but ${baseName(room)} does not hold it`;
		if (task.decision === 'pull' && task.waitReason !== waitReason)
			await writePull(room, task, {outcome: 'kept', text: waitReason, fields: {waitReason}});
		return;
	}
	const isWhole =
		(await hasDescended(folder, mergedCommit, task.pull.head).catch(() => false)) ||
		(await holdsChange(folder, mergedCommit, task.pull.head));
	const other = isWhole ? '' : `, with other content than ${short(task.pull.head)}`;
	const text = `pull request #${task.pull.number} merged as ${short(mergedCommit)}${other}`;
	// One that is killed between them finds the rest at its next look.
	for (const one of [...others, task]) {
		const written = await writePull(room, one, {outcome: 'merged', mergedCommit, text, fields: {pullState: 'merged'}});
		if (written === 'ok') await cleanup(room, one);
	}
};

/** A failed check: once more, and if that does not help, it is work for its author. */
const takeFailed = async (
	room: Room,
	task: Task,
	next: Extract<PullNext, {kind: 'rerun' | 'failed'}>,
): Promise<Readonly<Record<string, string>> | undefined> => {
	const {number} = task.pull;
	const {check} = next;
	if (next.kind === 'rerun') {
		const again = await askForge(room, 'rerun', {number, check: check.id});
		if (again.ok) return {pullSeen: writeSeen([...task.pull.seen, next.mark])};
		if (again.code === 'away' || again.code === 'limit' || again.code === 'login' || again.code === 'missing') return undefined;
	}
	const whole = await room.link.coordination.task(task.id);
	if (!whole || whole.decision !== 'pull' || whole.pull.head !== task.pull.head) return undefined;
	const log = await askForge(room, 'log', {number, check: check.id});
	const feedback = checkFeedback(check, {commit: task.pull.head, number, log: log.ok ? log.text : ''});
	const reason = `check ${check.name} failed on ${short(task.pull.head)}`;
	await sendBack(room, whole, {reason, feedback, comments: [], fields: {}});
	return undefined;
};

/** Of the tasks on one branch the one that changed this file last, if it waits there; else the one that stands for all. */
const writerOf = async ({facts, record}: Room, {task, others}: Watched, path: string): Promise<Task> => {
	if (others.length === 0 || path === '') return task;
	const range = [`${record.baseCommit()}..${task.pull.head}`];
	const words = [
		'log',
		'-1',
		'--first-parent',
		'--diff-merges=first-parent',
		'--no-patch',
		'--format=%(trailers:key=Room-Task,valueonly,separator=%x20)',
	];
	const id = await gitLine(facts.guardian.folder, [...words, '--end-of-options', ...range, '--', `:(literal)${path}`]).catch(() => '');
	return others.find(other => other.id === id && isGathered(other)) ?? task;
};

/** New comments: those that ask for a change go to the author, others wait for a word. */
const takeComments = async (room: Room, watched: Watched, now: ForgePull): Promise<Readonly<Record<string, string>> | undefined> => {
	const {task} = watched;
	const {number} = task.pull;
	const said = await askForge(room, 'comments', {number, since: ''});
	if (!said.ok) return {};
	const {asked: all, waiting} = sortComments(task.pull, said.comments);
	const asked = all.slice(0, MOST_AT_ONCE);
	if (asked.length === 0) return {pullUpdatedAt: now.updatedAt, pullWaiting: String(waiting.length), feedback: waitingText(waiting)};
	const [first] = asked;
	const whole = await room.link.coordination.task((await writerOf(room, watched, first?.path ?? '')).id);
	if (!whole || whole.decision !== 'pull' || whole.pull.head !== task.pull.head) return undefined;
	const more = all.length > 1 ? ` and ${all.length - 1} more` : '';
	const reason = `changes requested on pull request #${number} by ${first?.author ?? 'a human'}${more}`;
	await sendBack(room, whole, {reason, feedback: '', comments: asked, fields: {}});
	return undefined;
};

/** The commit that its author made in answer is on the pull request: each comment that asked for it is told. */
const answerComments = async (room: Room, task: Task): Promise<void> => {
	const [comment, ...left] = task.pull.replies;
	if (comment === undefined) return;
	const body = `Done in ${short(task.pull.head)}.`;
	const said = await askForge(room, 'reply', {number: task.pull.number, comment, body});
	if (!said.ok && said.code !== 'refused' && said.code !== 'unsupported') return;
	// One at a time, each noted: a room that is killed says one of them twice at most.
	await writePull(room, task, {outcome: 'kept', text: '', fields: {pullReplies: writeSeen(left)}});
};

/**
 * The same with what the look before has written: the record follows a moment later, and a check would run again twice, of which the second run
 * is never believed. Undefined if it has another head, which the next look sees.
 */
const freshOf = async ({link}: Room, watched: Watched): Promise<Watched | undefined> => {
	const {task, others} = watched;
	const whole = await link.coordination.task(task.id);
	if (!whole || whole.pull.head !== task.pull.head) return undefined;
	if (others.length === 0) return {...watched, task: whole};
	const seen = [...new Set([...task.pull.seen, ...whole.pull.seen])];
	return {...watched, task: {...whole, pull: {...whole.pull, seen, isWanted: whole.pull.isWanted || task.pull.isWanted}}};
};

/** What follows for one of them. True if the forge was asked to merge it. */
const takeOne = async (room: Room, known: Watched, now: ForgePull, merged: Map<string, string>): Promise<boolean> => {
	const watched = await freshOf(room, known);
	if (!watched) return false;
	const {task, isWaited} = watched;
	const {pull} = task;
	const next = nextOf(pull, now);
	if (next.kind === 'merged') {
		await takeMerged(room, watched, next.commit);
		return false;
	}
	if (!isWaited) return false;
	if (task.decision === 'closed') {
		const text = `pull request #${pull.number} was opened again`;
		if (next.kind !== 'closed') await writePull(room, task, {outcome: 'open', text, fields: {pullState: 'open', pullUpdatedAt: ''}});
		return false;
	}
	const isWaiting = task.decision === 'pull';
	if (next.kind === 'closed') {
		if (isWaiting)
			await writePull(room, task, {outcome: 'closed', text: `pull request #${pull.number} was closed`, fields: {pullState: 'closed'}});
		return false;
	}
	if (!isWaiting) return false;
	if (next.kind !== 'foreign' && (await retestConflicting(room, task, merged))) return false;
	let fields: Readonly<Record<string, string>> | undefined = {};
	if (next.kind === 'failed' || next.kind === 'rerun') fields = await takeFailed(room, task, next);
	else if (now.updatedAt !== pull.updatedAt || now.updatedAt === '') fields = await takeComments(room, watched, now);
	// It went back to its author: nothing more to say of this head.
	if (fields === undefined) return false;
	for (const name of flakyOf(pull, now))
		await room.link.coordination.appendEvent({
			type: 'test_flaky',
			task: task.id,
			agent: '',
			text: cleanText(`check ${name} failed once, then passed`, 200),
		});
	const isMergedNow = next.kind === 'passed' && (room.facts.config.prMerge === 'auto' || pull.isWanted);
	const merging = isMergedNow ? await mergePull(room, task, now) : undefined;
	if (merging?.kind === 'no') return false;
	const checks = writeChecks(shownChecks(now));
	const seen = {...pull, checks: shownChecks(now), waiting: Number(fields.pullWaiting ?? pull.waiting)};
	const waitReason = cleanText(
		next.kind === 'foreign'
			? `pull request #${pull.number}: its branch holds ${short(next.head)}, which somebody else pushed`
			: merging?.kind === 'refused'
				? `pull request #${pull.number} was not merged: ${merging.why}`
				: pullText(seen),
		300,
	);
	const isNew = waitReason !== task.waitReason || checks !== writeChecks(pull.checks) || Object.keys(fields).length > 0;
	if (isNew)
		await writePull(room, task, {
			outcome: 'kept',
			text: waitReason === task.waitReason ? '' : waitReason,
			fields: {...fields, pullChecks: checks, waitReason},
		});
	return merging?.kind === 'asked';
};

/** A pull request that the forge does not have any more is as one that somebody closed. */
const takeGone = async (room: Room, task: Task): Promise<void> => {
	const text = `pull request #${task.pull.number} is no longer on its forge`;
	if (task.decision === 'pull') await writePull(room, task, {outcome: 'closed', text, fields: {pullState: 'closed'}});
};

/** Pull requests of dropped tasks are closed, with the reason. */
const closeDropped = async (room: Room): Promise<void> => {
	for (const task of room.record.team().tasks.values()) {
		if (task.state !== 'cancelled' || task.pull.state !== 'open') continue;
		const why = `Task ${task.id} was cancelled: ${task.reason || 'no reason given'}.`;
		const closed = await askForge(room, 'close', {number: task.pull.number, body: cleanText(why, 500)});
		if (closed.ok || closed.code === 'refused') await writePull(room, task, {outcome: 'kept', text: '', fields: {pullState: 'closed'}});
	}
};

const hasOpenPull = ({pull, state, decision}: Task): boolean =>
	pull.number > 0 && pull.state === 'open' && !FINAL_STATES.includes(state) && decision !== 'closed';

/** One that somebody closed may be opened again on its forge, or merged after all. */
const isWatched = (task: Task): boolean => hasOpenPull(task) || (task.pull.number > 0 && task.decision === 'closed');

/**
 * A task with a pull request that is watched. For a feature's it stands for `others`, whose work is on the same branch; `isWaited`: it waits for what
 * the forge says of exactly this head, and nobody works on more of it.
 */
type Watched = {readonly task: Task; readonly others: readonly Task[]; readonly isWaited: boolean};

const watchedOf = (tasks: ReadonlyMap<string, Task>): readonly Watched[] => {
	const own = [...tasks.values()].filter(task => !task.pull.isOfFeature && isWatched(task));
	const shared = [...featureBranches(tasks.values()).values()].flatMap((branch): readonly Watched[] => {
		const carrier = carrierOf(branch);
		const task = carrier && isWatched(carrier) ? carrier : branch.members.find(isWatched);
		if (!task) return [];
		const others = branch.members.filter(({id, pull}) => id !== task.id && pull.number === task.pull.number);
		// What was said to one of them was said.
		const seen = [...new Set(branch.members.flatMap(({pull}) => pull.seen))];
		const isWanted = branch.members.some(({pull}) => pull.isWanted);
		return [{task: {...task, pull: {...task.pull, seen, isWanted}}, others, isWaited: task.id === carrier?.id}];
	});
	return [...own.map(task => ({task, others: [], isWaited: true})), ...shared];
};

/** Watches the pull requests of this team, for the room that leads it. Paced: one request for all of them. */
export type PullWatch = {
	/** Looks if it is time. Never throws for what a forge says. */
	look(): Promise<void>;
	/** Looks now, and asks; a forge that is away at most every few seconds. */
	soon(): void;
	/** Whether any is open, and whether the forge was asked about exactly those. */
	areOpen(): boolean;
	areAsked(): boolean;
};

export const watchPulls = (room: Room): PullWatch => {
	const tend = tendFeatures(room);
	let notBefore = 0;
	let failures = 0;
	let lastAt = Number.NEGATIVE_INFINITY;
	let known = '';
	let asked = '';
	/** Which head was looked at on which base, by task. */
	const merged = new Map<string, string>();
	/** A new head, a test on another base, a wish, and a dropped task are each another. */
	const standing = (): string =>
		[...room.record.team().tasks.values()]
			.filter(task => isWatched(task) || (task.pull.state === 'open' && task.state === 'cancelled'))
			.map(({id, pull, state, candidateBase}) => `${id} ${state} ${pull.head} ${pull.isWanted} ${candidateBase}`)
			.join('\n');
	const ask = async (): Promise<void> => {
		lastAt = performance.now();
		await closeDropped(room);
		const open = watchedOf(room.record.team().tasks);
		for (const id of merged.keys()) if (!open.some(({task}) => task.id === id)) merged.delete(id);
		let isRunning = false;
		let isMerging = false;
		for (let from = 0; from < open.length; from += AT_ONCE) {
			const some = open.slice(from, from + AT_ONCE);
			const answer = await askForge(room, 'status', {numbers: some.map(({task}) => task.pull.number)});
			if (!answer.ok) {
				failures++;
				notBefore = performance.now() + Math.min(LONGEST_MS, REST_MS * 2 ** (failures - 1));
				return;
			}
			failures = 0;
			for (const watched of some) {
				const {task} = watched;
				const now = answer.pulls.find(({number}) => number === task.pull.number);
				// A check that failed is about to run again: the forge may still show its last run.
				isRunning ||= now?.checks.some(({state}) => state === 'pending' || state === 'failed') ?? false;
				const taken = now ? takeOne(room, watched, now, merged) : takeGone(room, task);
				const asked = await taken.catch(error => room.facts.log(`pull request #${task.pull.number}: ${String(error)}`));
				isMerging ||= asked === true;
			}
		}
		notBefore = performance.now() + (isMerging ? SOON_MS : isRunning ? RUNNING_MS : REST_MS);
	};
	const look = async (): Promise<void> => {
		if (!room.lead.isOurs() || room.link.isRecovering() || !room.link.isConnected()) return;
		const tasks = [...room.record.team().tasks.values()];
		for (const task of tasks) if (task.decision === 'pull' && task.pull.replies.length > 0) await answerComments(room, task);
		await tend();
		const now = standing();
		if (now !== known && failures === 0) notBefore = 0;
		known = now;
		if (now === '' || performance.now() < notBefore) return;
		await ask();
		asked = now;
		room.lifecycle.requestTick();
	};
	let looking: Promise<void> | undefined;
	/** One at a time: two looks would send the same comment twice. */
	const lookOnce = (): Promise<void> => {
		looking ??= look().finally(() => {
			looking = undefined;
		});
		return looking;
	};
	const askNow = async (): Promise<void> => {
		// A base that has moved is seen by the same look.
		await askRemote(room);
		// One under way asked before this was wished, and would put off the next.
		await looking?.catch(() => undefined);
		notBefore = failures === 0 ? 0 : Math.min(notBefore, lastAt + AT_YOUR_WORD_MS);
		await lookOnce();
	};
	return {
		areOpen: () => [...room.record.team().tasks.values()].some(hasOpenPull),
		areAsked: () => standing() === '' || standing() === asked,
		soon: () => void askNow().catch(error => room.facts.log(`pull requests: ${String(error)}`)),
		look: lookOnce,
	};
};
