import type {ForgePull} from '../../core/forge/protocol.ts';
import {featureBranches} from '../../core/queue/feature-branch.ts';
import {deciding} from '../../core/task/pull.ts';
import {nextRole} from '../../core/task/stages.ts';
import type {Task} from '../../core/task/task.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import type {Room} from '../parts/parts.ts';
import {baseName} from '../parts/remote.ts';
import {askForge} from './ask.ts';
import {isWhole} from './features.ts';

/** Puts a task whose pull request is open back to its test, on the present base. */
const testAgain = async ({link, lead}: Pick<Room, 'link' | 'lead'>, task: Task, text: string): Promise<void> => {
	const role = nextRole('test', task);
	const change = {task: task.id, head: task.pull.head, outcome: 'test', role, mergedCommit: '', text, fields: {}} as const;
	await link.retryUntilWritten(() => lead.as(() => link.coordination.pullRequest(change)));
};

/**
 * Looks whether an open pull request still merges with the base, once for each commit of it: no forge runs checks on one that conflicts, and nobody
 * is told. Then it is tested again, which gives its author the conflict. True if it was put back. `seen` remembers what was looked at.
 */
export const retestConflicting = async (room: Room, task: Task, seen: Map<string, string>): Promise<boolean> => {
	const base = room.record.baseCommit();
	const {id, title, author, candidateBase, pull} = task;
	const now = `${pull.head} ${base}`;
	if (candidateBase === base || base === '' || seen.get(id) === now) return false;
	const built = await room.facts.guardian.buildCandidate({commit: pull.head, task: id, title, author, onto: base});
	seen.set(id, now);
	if (built.kind !== 'conflict') return false;
	await testAgain(room, task, `pull request #${pull.number} conflicts with ${baseName(room)} at ${base.slice(0, 7)}: tested again`);
	return true;
};

/**
 * Merges a pull request on its forge, as wished. Where the forge requires checks, it guards its base itself. Without, guarantee: it is merged only
 * while its head is the tested commit, and the base is the one that it was tested with; on another base the task is tested again first.
 * `asked`: the forge merges it; `refused` with its words; `no`: not now, or the task is tested first.
 */
export const mergePull = async (
	room: Room,
	task: Task,
	now: ForgePull,
): Promise<{readonly kind: 'asked' | 'no'} | {readonly kind: 'refused'; readonly why: string}> => {
	const {facts} = room;
	const {pull} = task;
	const tested = pull.isOfFeature ? task.candidate : task.commit;
	if (now.state !== 'open' || now.head !== pull.head || tested !== pull.head) return {kind: 'no'};
	if (pull.isOfFeature) {
		const {tasks, features} = room.record.team();
		const branch = featureBranches(tasks.values()).get(task.feature);
		if (!branch || !isWhole(branch, features.get(task.feature))) return {kind: 'no'};
	}
	const isRequired = deciding(now.checks).some(check => check.isRequired);
	if (!isRequired) {
		const fetched = await facts.guardian.fetchBase();
		if (fetched.kind !== 'at') return {kind: 'no'};
		const base = fetched.head;
		const isFresh = pull.isOfFeature ? await hasDescended(facts.guardian.folder, pull.head, base) : task.candidateBase === base;
		if (!isFresh) {
			await testAgain(room, task, `${facts.base} has moved to ${base.slice(0, 7)}: tested again before the merge`);
			return {kind: 'no'};
		}
	}
	const asked = await askForge(room, 'merge', {number: pull.number, head: pull.head, method: facts.config.prMethod});
	return asked.ok ? {kind: 'asked'} : {kind: 'refused', why: asked.message};
};
