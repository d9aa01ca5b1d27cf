import {join} from 'node:path';
import {runsAllTests} from '../../core/queue/full-tests.ts';
import {BEHIND, decidable, lastEntry, type MergeQueue, mergeQueueOf, type QueueEntry} from '../../core/queue/merge-queue.ts';
import type {Task} from '../../core/task/task.ts';
import {tellFailure} from '../../core/task/test-run.ts';
import type {BatchEntry} from '../../core/team/coordination.ts';
import type {Candidate} from '../../git/guardian/candidate.ts';
import type {NothingToRun, Workspace} from '../parts/attempt.ts';
import {freshMergeQueue, hasCandidate, hasPassed, lostFields, standsOn, withBuilt} from '../parts/merge-queue.ts';
import type {Room} from '../parts/parts.ts';
import {gathers, opensPulls} from '../parts/remote.ts';
import {movesOf} from '../parts/slot-moves.ts';
import {refreshRemote} from '../remote/remote.ts';
import {isTeam} from '../remote/share.ts';
import type {PlannedAgent} from '../team/team.ts';
import {neededApproval, scanBeside} from './approval.ts';
import {gatherBatch} from './batch.ts';
import {waitsForLock} from './locked.ts';
import {askReturning} from './returns.ts';

const nothing = async (): Promise<void> => {};

const conflictText = (files: readonly string[], base: string, detail: string): string =>
	[
		`Merging into \`${base}\` conflicts in ${files.map(file => `\`${file}\``).join(', ')}.`,
		`The next agent finds the merge of \`${base}\` in progress: keep the intent of both sides, and commit the result.`,
		'',
		detail.slice(0, 4000),
	].join('\n');

const named = (files: readonly string[]): string =>
	files.length > 3 ? `${files.slice(0, 3).join(', ')} and ${files.length - 3} more` : files.join(', ');

type Wanted = {readonly commit: string; readonly task: string; readonly title: string; readonly author: string};

/** The first entry whose candidate gives the task the same outcome (a conflict, say): the one to wait for. */
const inTheWay = async (
	{facts}: Pick<Room, 'facts'>,
	wanted: Wanted,
	entries: readonly QueueEntry[],
	kind: Candidate['kind'],
): Promise<QueueEntry | undefined> => {
	for (const entry of entries) {
		const built = await facts.guardian.buildCandidate({...wanted, onto: entry.task.candidate});
		if (built.kind === kind) return entry;
	}
	return entries.at(-1);
};

/** Nothing can be built on the base: the author resolves that. */
const settledOnBase = (built: Exclude<Candidate, {kind: 'candidate'}>, base: string, head: string): NothingToRun =>
	built.kind === 'conflict'
		? {outcome: 'conflict', text: conflictText(built.files, base, built.text), commit: head}
		: {outcome: 'empty', text: `all changes are already on ${base}`, commit: ''};

type Appended = {readonly candidate: string; readonly candidateBase: string};

/** Is told what a candidate is built on and its tree, before its commit is written. */
type OnMerged = (sides: {readonly from: string; readonly to: string}) => void;

/**
 * Builds the candidate on the last entry of the merge queue. A task that conflicts with an entry ahead but not with the base waits for that entry:
 * it may be removed, and no one should resolve a conflict with work that never merges.
 */
const append = async (
	room: Pick<Room, 'facts' | 'merges'>,
	task: Task,
	{mergeQueue, head}: {readonly mergeQueue: MergeQueue; readonly head: string},
	onMerged: OnMerged,
): Promise<Appended | NothingToRun> => {
	const entries = opensPulls(room) ? [] : mergeQueue.entries.filter(entry => entry.task.id !== task.id);
	const onto = lastEntry({...mergeQueue, entries}, head);
	// Its room pushed it to the remote before Redis named it.
	if (onto !== head && isTeam(room) && !hasCandidate(room, onto))
		await room.facts.guardian.importCommit(onto).catch(error => room.facts.log(`the merge candidate ${onto}: ${String(error)}`));
	if (onto !== head && !hasCandidate(room, onto))
		return {outcome: 'later', text: BEHIND.elsewhere(entries.at(-1)?.task.id ?? ''), commit: ''};
	const wanted = {commit: task.commit, task: task.id, title: task.title, author: task.author};
	const built = await room.facts.guardian.buildCandidate({...wanted, onto, onMerged: to => onMerged({from: onto, to})});
	if (built.kind === 'candidate') return {candidate: built.commit, candidateBase: onto};
	if (onto === head) return settledOnBase(built, room.facts.base, head);
	const onBase = await room.facts.guardian.buildCandidate({...wanted, onto: head});
	if (onBase.kind !== 'candidate') return settledOnBase(onBase, room.facts.base, head);
	const entry = await inTheWay(room, wanted, entries, built.kind);
	if (entry) room.merges.mergeQueue.conflictsWith.set(task.id, {task: entry.task.id, candidate: entry.task.candidate});
	const ahead = entry?.task.id ?? '';
	const text = built.kind === 'conflict' ? BEHIND.conflict(ahead, named(built.files)) : BEHIND.contained(ahead);
	return {outcome: 'later', text, commit: ''};
};

/**
 * The same for a task whose feature becomes one pull request: its candidate is built on the last commit of the branch where that gathers, one after the
 * other. A task whose work is that very commit is tested as the whole branch, merged with the present base.
 */
const appendToFeature = async (
	room: Pick<Room, 'facts' | 'record' | 'merges'>,
	task: Task,
	{mergeQueue, head}: {readonly mergeQueue: MergeQueue; readonly head: string},
	onMerged: OnMerged,
): Promise<Appended | NothingToRun> => {
	const sibling = mergeQueue.entries.find(entry => entry.task.id !== task.id && entry.task.feature === task.feature);
	if (sibling) {
		room.merges.mergeQueue.conflictsWith.set(task.id, {task: sibling.task.id, candidate: sibling.task.candidate});
		return {outcome: 'later', text: BEHIND.sibling(sibling.task.id), commit: ''};
	}
	const branch = await room.merges.branchHead(task);
	if (branch === '' || task.commit === branch) return append(room, task, {mergeQueue, head}, onMerged);
	const built = await room.facts.guardian.buildCandidate({
		...{commit: task.commit, task: task.id, title: task.title, author: task.author, onto: branch},
		onMerged: to => onMerged({from: branch, to}),
	});
	return built.kind === 'candidate'
		? {candidate: built.commit, candidateBase: branch}
		: settledOnBase(built, `the branch of ${task.feature}`, branch);
};

/** What one run tests: the first entry, and those that are tested with it, each based on the one before. */
type Run = Appended & {readonly baseOnly: string; readonly entries: readonly BatchEntry[]};

/** Joined entries return to where they were: no test of them runs here. */
const releaseAll = async ({link}: Pick<Room, 'link'>, token: string, entries: readonly BatchEntry[], reason: string): Promise<void> => {
	for (const {task} of entries)
		await link.retryUntilWritten(() => link.coordination.release({task, token, reason, to: '', fields: lostFields({stage: 'test'})}));
};

const testWorkspace = async (
	room: Pick<Room, 'facts' | 'link'>,
	{task, agent, token}: {readonly task: Task; readonly agent: PlannedAgent; readonly token: string},
	{candidate, candidateBase, baseOnly, entries}: Run,
): Promise<Workspace> => {
	const {facts} = room;
	const folder = join(facts.options.stateFolder, 'tests', agent.id.replaceAll(':', '-'));
	const tail = entries.at(-1)?.candidate ?? candidate;
	const leaveAll = (reason: string): Promise<void> => releaseAll(room, token, entries, reason);
	await facts.guardian.prepareTestTree({candidate: baseOnly || tail, folder}).catch(async error => {
		await leaveAll('its tests could not start: retested');
		throw error;
	});
	const all = [{task: task.id, candidate}, ...entries].map(entry => ({task: entry.task, candidate: entry.candidate, testedCommit: ''}));
	// Beside the tests: a merge that finds it undone does it itself.
	if (baseOnly === '' && !opensPulls(room))
		facts.guardian
			.verifyAhead({entries: all, expectedBase: candidateBase})
			.catch(error => facts.log(`verifying ${task.id} before its merge: ${String(error)}`));
	return {
		folder,
		branch: '',
		command: () => [facts.options.node, facts.options.programFile, 'test'],
		environment: {
			AGENT_ROOM_TEST: facts.config.test ?? '',
			...(facts.config.affected === undefined || runsAllTests(facts.config, all.length)
				? {}
				: {AGENT_ROOM_AFFECTED: facts.config.affected}),
			AGENT_ROOM_TESTED: entries.length === 0 ? '' : `${all.length} tasks together (${all.map(entry => entry.task).join(', ')})`,
			AGENT_ROOM_SETUP: facts.config.setup ?? '',
			AGENT_ROOM_TEST_TIMEOUT_MS: String(facts.config.testTimeout),
			AGENT_ROOM_TEST_RETRY: String(facts.config.testRetries),
			AGENT_ROOM_CANDIDATE: tail,
			AGENT_ROOM_CANDIDATE_BASE: candidateBase,
			AGENT_ROOM_CLONE: facts.guardian.folder,
			AGENT_ROOM_REPOSITORY: facts.repository.root,
			...(baseOnly ? {AGENT_ROOM_BASE_ONLY: baseOnly} : {}),
		},
		...(entries.length > 0 ? {entries: all} : {}),
		fields: {candidate, candidateBase},
		leave: nothing,
		discard: () => leaveAll('its tests did not start: retested'),
	};
};

/** The cause, as known now, of a recorded failure whose base is still there; undefined if it has none. */
const stoodFailure = async (room: Pick<Room, 'facts' | 'record' | 'merges'>, task: Task): Promise<'own' | 'base' | undefined> => {
	if (task.candidate === '' || task.failedCandidate !== task.candidate) return undefined;
	const {mergeQueue, head} = await freshMergeQueue(room, {...task, state: 'ready'});
	return decidable(mergeQueue, hasPassed(room, head)).find(entry => entry.task.id === task.id)?.blame;
};

/** A merge that was interrupted before it was recorded: merging what is on the base brings nothing. Checked only then. */
const mergedBefore = async (
	{facts}: Pick<Room, 'facts'>,
	{id, commit}: Task,
	{outcome}: NothingToRun,
): Promise<NothingToRun | undefined> => {
	if (outcome !== 'empty' && outcome !== 'conflict') return undefined;
	const mergedCommit = await facts.guardian.commitOnBase({task: id, commit});
	return mergedCommit === undefined ? undefined : {outcome: 'merged', text: `already on ${facts.base}`, commit: mergedCommit};
};

const take = async (
	room: Pick<Room, 'facts' | 'record' | 'slots' | 'merges'>,
	task: Task,
	agent: PlannedAgent,
): Promise<Run | NothingToRun> => {
	const blame = await stoodFailure(room, task);
	const {candidate, candidateBase} = task;
	if (blame === 'own')
		return {
			outcome: 'removed',
			text: `tests failed (${tellFailure(task.testExit, task.testMs)}), ${standsOn(room, task)} passes: removed from the merge queue`,
			commit: '',
		};
	if (blame === 'base') return {candidate, candidateBase, baseOnly: candidateBase, entries: []};
	const now = await freshMergeQueue(room, {...task, candidate: ''});
	const returning = await askReturning(room, task, now.head);
	if (returning) return returning;
	const beside = scanBeside(room, task);
	const entry = await (gathers(room, task) ? appendToFeature : append)(room, task, now, beside.begin);
	if ('outcome' in entry) return entry;
	const locked = await waitsForLock(room, task, entry);
	if (locked) return locked;
	// Checked before it joins the merge queue: an entry that waits for a human would block all built on it.
	const held = await neededApproval(room, task, entry, beside.scan());
	if (held) return held;
	return {...entry, baseOnly: '', entries: await gatherBatch(room, {...now, task, agent, candidate: entry.candidate})};
};

/**
 * Makes the candidates known: from now on other rooms build on them and the screen shows them. A token superseded meanwhile is found before
 * the test starts. Returns the entries that joined the run.
 */
const publish = async (
	room: Pick<Room, 'facts' | 'link' | 'slots' | 'merges'>,
	{task, token, agent}: {readonly task: Task; readonly token: string; readonly agent: PlannedAgent},
	{candidate, candidateBase, baseOnly, entries}: Run,
): Promise<readonly BatchEntry[]> => {
	const {link, facts} = room;
	if (entries.length === 0) {
		const fields = {
			...{candidate, candidateBase, checked: candidate, apart: opensPulls(room) ? '1' : '', waitReason: '', batch: '0'},
			...(baseOnly ? {} : {failedCandidate: ''}),
		};
		await link.retryUntilWritten(() => link.coordination.progress({task: task.id, agent: agent.id, token}, fields, ''));
		return [];
	}
	const order = {agent: agent.id, task: task.id, token, leaseMs: facts.config.lease, candidate, candidateBase, entries};
	const written = await link.retryUntilWritten(() => link.coordination.joinTestBatch(order));
	const joined = written.code === 'ok' ? entries.slice(0, written.joined) : [];
	movesOf(room.slots).move(agent.id, {
		type: 'be-joined',
		joined: joined.map(entry => ({agent: agent.id, task: entry.task, token})),
	});
	for (const entry of joined) {
		room.merges.mergeQueue.built.set(entry.task, {token, candidate: entry.candidate, candidateBase: entry.candidateBase});
		room.merges.mergeQueue.here.add(entry.candidate);
	}
	return joined;
};

/**
 * The next entry of the merge queue: its candidate, built on the last one, in a worktree of its tester. Or an outcome known without a run: it is
 * already on the base, it cannot join, or an earlier failure is proven by now.
 */
export const prepareTest = async (
	room: Pick<Room, 'facts' | 'link' | 'lead' | 'record' | 'slots' | 'merges' | 'lifecycle'>,
	{task, token, agent}: {readonly task: Task; readonly token: string; readonly agent: PlannedAgent},
	onBuilt: () => void,
): Promise<Workspace | NothingToRun> => {
	const {entries: ahead} = mergeQueueOf(withBuilt(room.record.team(), room.merges.mergeQueue.built), room.record.baseCommit());
	await refreshRemote(room, [task.commit, ahead.findLast(({task: {id}}) => id !== task.id)?.task.candidate ?? '']);
	const entry = await take(room, task, agent);
	if ('outcome' in entry) return (await mergedBefore(room, task, entry)) ?? entry;
	const {candidate, candidateBase} = entry;
	room.merges.mergeQueue.built.set(task.id, {token, candidate, candidateBase, isApart: opensPulls(room)});
	room.merges.mergeQueue.here.add(candidate);
	// The next entry is built on the last of a batch: not before it is known which entries joined.
	if (entry.entries.length === 0) onBuilt();
	const entries = await publish(room, {task, token, agent}, entry);
	onBuilt();
	return testWorkspace(room, {task, agent, token}, {...entry, entries});
};
