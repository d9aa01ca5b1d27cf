import {isPipeline} from '../../core/change/change.ts';
import {holdText, isCleared, neededApprovals} from '../../core/merge/approval.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {formatComments, readComments, withRound} from '../../core/review/comments.ts';
import {nextRole, nextStage} from '../../core/task/stages.ts';
import type {Stage, Task, WholeTask} from '../../core/task/task.ts';
import {plainTextLine} from '../../core/text/quote.ts';
import {refusal} from '../../core/text/refusal.ts';
import {searchCommits} from '../../git/diff/commit-secrets.ts';
import {changedAmong, changedPathsBetween} from '../../git/diff/paths.ts';
import {changedRuns, type Runs} from '../../git/diff/runs.ts';
import {type Searched, searchSecrets} from '../../git/diff/secrets.ts';
import type {NothingToRun} from '../parts/attempt.ts';
import {type Room, waysOf} from '../parts/parts.ts';
import type {Word} from '../planning/decision.ts';

/** The repository's own files that this room runs: a change to one changes what its tests prove. */
export const runsOf = ({facts}: Pick<Room, 'facts'>): Runs => ({
	commands: {setup: facts.config.setup, test: facts.config.test, affected: facts.config.affected},
	configFiles: facts.options.configFiles ?? [],
});

/** Maximum of listed places with secrets in one merge. */
const SECRETS_TOLD = 20;

type Merge = {readonly candidate: string; readonly candidateBase: string};

/** What the configuration holds this merge for is nothing, or was accepted. */
const asksNothing = ({facts}: Pick<Room, 'facts'>, task: Task): boolean =>
	(facts.config.requireApproval.length === 0 && facts.guardian.store.remote === undefined) || isCleared(task);

/** What a merge changes, as far as the configuration asks. */
type Scanned = {readonly searched: Searched; readonly paths: readonly string[]; readonly runs: readonly string[]};

/**
 * Scans the difference of a candidate's base and its tree for what the repository's configuration holds a merge for, in the guardian's own clone. The
 * tree is there before the candidate's commit: both can be made at the same time.
 */
const scanMerge = async (
	room: Pick<Room, 'facts'>,
	task: Task,
	{from, to}: {readonly from: string; readonly to: string},
): Promise<Scanned> => {
	const {guardian, config} = room.facts;
	const {requireApproval, secretAllowlist: allowed} = config;
	const nothing = {searched: {secrets: [], unsearched: []}, paths: [], runs: []};
	if (asksNothing(room, task)) return nothing;
	const sides = {folder: guardian.folder, from, to};
	const asks = (...names: typeof requireApproval): boolean => names.some(name => requireApproval.includes(name));
	const [searched, paths] = await Promise.all([
		asks('secrets') ? searchSecrets({...sides, allowed, most: SECRETS_TOLD}) : nothing.searched,
		guardian.store.remote || asks('scope', 'locks', 'commands') ? changedPathsBetween(sides) : nothing.paths,
	]);
	const {runs} = asks('commands') ? await changedRuns(sides, paths, runsOf(room)) : nothing;
	return {searched, paths, runs};
};

/** A scan that `begin` starts, as soon as the tree is known; `scan` is undefined where none was started. */
export const scanBeside = (
	room: Pick<Room, 'facts'>,
	task: Task,
): {readonly begin: (sides: Parameters<typeof scanMerge>[2]) => void; readonly scan: () => Promise<Scanned> | undefined} => {
	let scan: Promise<Scanned> | undefined;
	return {
		begin: sides => {
			scan = scanMerge(room, task, sides);
			// A failed scan is told to those who wait for it. Where something else holds up the task, none do.
			scan.catch(() => undefined);
		},
		scan: () => scan,
	};
};

/** If it is pushed, also what each of its commits adds alone, since they all leave this machine. */
const withCommits = async ({facts}: Pick<Room, 'facts'>, whole: Searched, {candidate, candidateBase}: Merge): Promise<Searched> => {
	const {guardian, config} = facts;
	if (!guardian.store.remote || !config.requireApproval.includes('secrets')) return whole;
	const options = {folder: guardian.folder, allowed: config.secretAllowlist, most: SECRETS_TOLD};
	const single = await searchCommits({...options, to: candidate, without: [candidateBase]});
	const secrets = single.secrets.filter(({file, kind}) => !whole.secrets.some(one => one.file === file && one.kind === kind));
	const unsearched = single.unsearched.filter(({file}) => !whole.unsearched.some(one => one.file === file));
	return {
		secrets: [...whole.secrets, ...secrets].slice(0, SECRETS_TOLD),
		unsearched: [...whole.unsearched, ...unsearched].slice(0, SECRETS_TOLD),
	};
};

/**
 * What the repository's configuration holds a candidate for, by its scan (of exactly these two), or one that is made now. Undefined: it
 * may merge once its tests pass. Throws if git refuses to compare, so that nothing merges because its scan failed.
 */
export const neededApproval = async (
	room: Pick<Room, 'facts' | 'record'>,
	task: Task,
	merge: Merge,
	scan?: Promise<Scanned>,
): Promise<NothingToRun | undefined> => {
	if (asksNothing(room, task)) return undefined;
	const {candidate, candidateBase} = merge;
	const {guardian, config} = room.facts;
	const scanned = await (scan ?? scanMerge(room, task, {from: candidateBase, to: candidate}));
	const searched = await withCommits(room, scanned.searched, merge);
	const {paths, runs} = scanned;
	const pipelines = guardian.store.remote ? paths.filter(isPipeline) : [];
	const isScoped = paths.length > 0 && task.paths.length > 0;
	const inside = new Set(
		isScoped ? await changedAmong({root: guardian.folder, base: candidateBase, commit: candidate, globs: task.paths}) : paths,
	);
	const outside = paths.filter(path => !inside.has(path));
	const holds = neededApprovals(
		task,
		{...searched, runs, pipelines, outside, paths, files: paths.length, holds: config.requireApproval},
		room.record.team(),
	);
	if (holds.length === 0) return undefined;
	return {outcome: 'held', text: [plainTextLine(holdText(holds), 300), '', ...holds].join('\n'), commit: ''};
};

/** The next stage of submitted work that was kept on its machine, as if it had not been kept. */
const afterHandIn = (room: Pick<Room, 'facts' | 'record'>, task: WholeTask): Stage => {
	const next = nextStage(task, 'done', waysOf(room));
	return next === undefined || next === 'merged' ? 'test' : next;
};

/**
 * A human's decision on a merge held by its checks, or on work kept on its machine. Accepted, exactly the commit that was shown may merge or leave:
 * a merge is tested again, submitted work continues, and no other step is skipped. Rejected, it returns to its author with the comment and the
 * findings, at no cost.
 */
export const decideApproval = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'lifecycle'>,
	task: WholeTask,
	word: Word,
): Promise<ActionResult> => {
	const {link, record, lifecycle} = room;
	const isAccepted = word.type === 'approve';
	const said = word.type === 'request-changes' ? word.reason.trim() : '';
	if (!isAccepted && said === '') return refusal('bad-reason', `Missing reason for ${task.id}.`, 'Add --reason TEXT for its author.');
	const isHandedIn = task.stage !== 'test';
	const next = !isAccepted ? task.firstStage : isHandedIn ? afterHandIn(room, task) : ('test' as const);
	const comments = readComments(said, 'changes');
	const at = Math.round(record.serverNow());
	const round = {at, stage: 'review', reviewer: 'person', commit: task.commit, verdict: 'changes', ...comments} as const;
	const written = await link.coordination.decide({
		task: task.id,
		decision: 'checks',
		next,
		nextRole: nextRole(next, task),
		fields: isAccepted
			? {reason: '', feedback: '', ...(isHandedIn ? {mayLeave: task.commit} : {})}
			: {
					reviews: withRound(task.reviews, round),
					feedback: `${formatComments(comments)}\n\n${task.feedback}`,
					reason: `changes requested by you: ${plainTextLine(said, 200)}`,
				},
		text: isAccepted ? `approved by you: ${task.waitReason}` : `changes requested by you: ${plainTextLine(said, 200)}`,
	});
	lifecycle.requestTick();
	if (written === 'gone') return refusal('gone', `No unfinished task \`${task.id}\`.`, 'List tasks with `agent-room tasks`.');
	if (written === 'stale') return refusal('changed', `Task ${task.id} no longer needs this decision.`, 'See `agent-room status`.');
	if (!isAccepted) return {ok: true, text: `requested changes; ${task.id} is back in ${next}`};
	return {
		ok: true,
		text: isHandedIn ? `${task.id} may leave this machine: ${next} is next` : `approved ${task.id}; its tests run next`,
	};
};
