import type {Task, WholeTask} from '../../core/task/task.ts';
import {coded, fenced, plainTextLine} from '../../core/text/quote.ts';
import type {Guardian} from '../../git/guardian/guardian.ts';
import {arrivals, beginMerge, halfDone} from '../../git/merge/in-progress.ts';
import {isObjectId} from '../../git/process/names.ts';
import {hasDescended} from '../../git/worktree/list.ts';
import {takeHead} from '../../git/worktree/look.ts';

/** Where the work on a task starts: at `commit`; `half` is the unfinished merge of an earlier attempt at the conflict. */
export type Beginning = {readonly commit: string; readonly half?: string; readonly theirs?: string};

/**
 * The commit from which a task's worktree starts. An interrupted merge of the base continues from its start, with its state so far: no attempt
 * starts on a commit full of markers.
 */
export const beginningOf = async (place: Pick<ConflictSources, 'guardian' | 'branchHead'>, task: Task): Promise<Beginning> => {
	if (isObjectId(task.commit)) await place.guardian.importCommit(task.commit);
	const half = isObjectId(task.commit) ? await halfDone(place.guardian.folder, task.commit) : undefined;
	if (!half) return {commit: task.commit};
	if (await isOnBase(place, task, half.theirs)) return {commit: half.ours, half: task.commit, theirs: half.theirs};
	return {commit: task.conflictWith === '' ? task.commit : half.ours};
};

export type ConflictSources = {
	readonly guardian: Pick<Guardian, 'folder' | 'store' | 'baseHead' | 'importCommit'>;
	readonly base: string;
	/** The last commit of the branch of a task's feature, '' if it has none. */
	readonly branchHead: (task: Task) => Promise<string>;
	/** Reads an earlier merged task. */
	readonly task: (id: string) => Promise<WholeTask | undefined>;
};

/** The intent of the other side: what was merged in these files meanwhile, each with its description. */
const tellOtherSide = async (
	sources: ConflictSources,
	sides: {readonly ours: string; readonly theirs: string; readonly files: readonly string[]},
): Promise<string> => {
	const commits = await arrivals(sources.guardian.folder, sides);
	const told = commits.map(async ({commit, task: id, subject}) => {
		const head = `- ${coded(commit.slice(0, 12))} ${plainTextLine(subject, 200)}`;
		const other = id === '' ? undefined : await sources.task(id).catch(() => undefined);
		const words = other ? fenced(other.description, {limit: 8000}) : '';
		if (id === '') return `${head} (by a human)`;
		return `${head} (task ${coded(id)})${words === '' ? '' : `:\n\n${words}\n`}`;
	});
	return (await Promise.all(told)).join('\n');
};

export const listed = (files: readonly string[]): string => files.map(file => coded(file)).join(', ');

/** Whether the base still has a commit that was to be merged, or the branch that the task goes to. */
export const isOnBase = async (
	{guardian, branchHead}: Pick<ConflictSources, 'guardian' | 'branchHead'>,
	task: Task,
	commit: string,
): Promise<boolean> => {
	if (await hasDescended(guardian.folder, await guardian.baseHead(), commit)) return true;
	const head = await branchHead(task);
	return head !== '' && hasDescended(guardian.folder, head, commit);
};

/**
 * Puts a worktree into its task's conflict: starts the merge of the base's commit, unless it is already concluded. Returns the text for the brief;
 * '' for a task without a conflict.
 */
export const enterConflict = async (
	sources: ConflictSources,
	task: Task,
	{
		folder,
		half,
		theirs = task.conflictWith,
	}: {readonly folder: string; readonly half?: string | undefined; readonly theirs?: string | undefined},
): Promise<string> => {
	if (!isObjectId(theirs)) return '';
	// The base was moved back behind that commit: there is nothing to merge any more.
	if (!(await isOnBase(sources, task, theirs))) return '';
	const {store} = sources.guardian;
	const head = await takeHead(store, folder);
	const ours = isObjectId(task.conflicted) ? task.conflicted : head;
	const name = coded(sources.base);
	const isMerged = await hasDescended(store.clone, head, task.conflictWith || theirs);
	const files = isMerged ? [] : await beginMerge({store, worktree: folder, theirs, subject: `Merge ${sources.base} into ${task.id}`, half});
	const state = isMerged
		? `${name} is already merged into this branch. What is wrong with the result is below, under "Why the task came back".`
		: files.length > 0
			? `The merge of ${name} is in progress: both sides changed ${listed(files)}.${half === undefined ? '' : ' An earlier attempt started to resolve it: the files are as it left them.'}`
			: `The merge of ${name} is in progress, and no file is in conflict: check the result and commit it.`;
	const other = await tellOtherSide(sources, {ours, theirs, files});
	return [state, other === '' ? '' : `What merged into ${name} meanwhile, newest first:\n\n${other}`].filter(Boolean).join('\n\n');
};
