import {readChangedPlaces} from '../../core/change/diff.ts';
import {type Hunk, tellAnswer} from '../../core/review/comments.ts';
import type {WholeTask} from '../../core/task/task.ts';
import {coded, fenced} from '../../core/text/quote.ts';
import {changedAmong, readChanges, readDiff} from '../../git/diff/paths.ts';
import type {BriefValues} from '../../roles/placeholders.ts';
import {formatCommentsForAgent, tellRounds} from './brief.ts';

/** A longer diff is not in the brief: the reviewer reads it file by file. */
const DIFF_LENGTH = 48_000;
const PROTECTED_SHOWN = 50;

type Sources = {readonly root: string; readonly base: string; readonly baseHead: string; readonly protectedPaths: readonly string[]};

const tellDiff = async ({commit}: WholeTask, {root, base, baseHead}: Sources): Promise<string> => {
	const {files, added, removed, text, list} = await readDiff({root, base: baseHead, commit, limit: DIFF_LENGTH});
	const head = `${files} ${files === 1 ? 'file' : 'files'}, +${added} −${removed}; see \`agent-room report diff\` in the worktree, also with --path.`;
	if (files === 0) return `No difference from \`${base}\`.`;
	if (text !== '') return `${head}\n\n${fenced(text, {info: 'diff', limit: DIFF_LENGTH})}`;
	return `${head} The diff is too long to show here. Lines added, lines removed, file:\n\n${fenced(list, {limit: 20_000})}`;
};

/** Earlier rounds; each comment is followed by whether its place was changed since. */
const tellEarlier = async ({reviews, commit}: WholeTask, {root}: Sources): Promise<string> => {
	const changes = new Map<string, ReadonlyMap<string, readonly Hunk[]>>();
	for (const {commit: from} of reviews.slice(-5))
		if (!changes.has(from)) changes.set(from, from === '' ? new Map() : readChangedPlaces(await readChanges({root, from, to: commit})));
	return tellRounds(reviews, (comment, {commit: from, verdict}) =>
		verdict === 'changes' && comment.severity === 'must-fix' ? tellAnswer(comment, changes.get(from) ?? new Map()) : '',
	);
};

const formatProtected = async ({commit}: WholeTask, {root, baseHead, protectedPaths}: Sources): Promise<string> => {
	const files = await changedAmong({root, base: baseHead, commit, globs: protectedPaths});
	const more = files.length > PROTECTED_SHOWN ? [`- and ${files.length - PROTECTED_SHOWN} more`] : [];
	return [...files.slice(0, PROTECTED_SHOWN).map(file => `- ${coded(file)}`), ...more].join('\n');
};

/** The brief values of a reviewer or an auditor about the commit to judge. */
export const reviewValues = async (task: WholeTask, sources: Sources): Promise<BriefValues> => {
	const [diff, rounds, protectedPaths] = await Promise.all([
		tellDiff(task, sources),
		tellEarlier(task, sources),
		task.stage === 'audit' ? formatProtected(task, sources) : '',
	]);
	return {diff, rounds: [rounds, formatCommentsForAgent(task)].filter(Boolean).join('\n\n'), protected: protectedPaths};
};
