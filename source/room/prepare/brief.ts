import {agentName} from '../../core/agent/agent.ts';
import {byUrgency, countComments, formatComment} from '../../core/review/comments.ts';
import type {ReviewComment, ReviewRound} from '../../core/review/round.ts';
import {forAgents} from '../../core/task/handoff-note.ts';
import type {Stage, WholeTask} from '../../core/task/task.ts';
import type {Mail} from '../../core/team/coordination.ts';
import {coded, fenced, plainText, plainTextLine} from '../../core/text/quote.ts';
import {type BriefValues, expandBrief} from '../../roles/placeholders.ts';
import {type HarnessFacts, harnessNotes} from '../../roles/prompts.ts';

/** What a brief needs besides its task. */
export type BriefSources = {
	/** The template of the agent's role. */
	readonly template: string;
	readonly agent: string;
	readonly role: string;
	readonly worktree: string;
	readonly branch: string;
	/** First of its ten ports. */
	readonly port: number;
	readonly base: string;
	/** The test command, '' if there is none. */
	readonly tests: string;
	/** Full path of `agent-room`, for shells that set a PATH of their own. */
	readonly program: string;
	/** Of an agent CLI: which one, and what it may do. */
	readonly harness?: HarnessFacts | undefined;
	readonly mails: readonly Mail[];
	/** Values known only after preparing: the diff, a conflict, the form of a plan. */
	readonly values: BriefValues;
};

/** Latest review rounds in a brief; `agent-room task` shows all that are kept. */
const ROUNDS_TOLD = 5;
const ROUND_LENGTH = 12_000;
const COMMENTS_SHOWN = 50;

const told = ({from, task, text}: Mail): string =>
	`- From ${from === '' ? 'a human' : agentName(from)}${task === '' ? '' : `, about ${task}`}: ${text}`;

/** One round as a block; `note` says what became of a comment, '' for nothing. */
const tellRound = (
	{round, stage, reviewer, commit, verdict, text, comments}: ReviewRound,
	note: (comment: ReviewComment) => string,
): string => {
	const who = reviewer === 'person' ? 'a human' : agentName(reviewer);
	const said = verdict === 'approve' ? 'approved' : 'requested changes';
	const counted = countComments(comments);
	const lines = byUrgency(comments).map(comment => {
		const became = note(comment);
		return `${formatComment(comment)}${became === '' ? '' : ` [${became}]`}`;
	});
	const head = `Round ${round}, ${stage}: ${plainTextLine(who)} ${said} on ${coded(commit.slice(0, 12))}${counted === '' ? '' : ` (${counted})`}`;
	const body = fenced([text, ...lines].filter(Boolean).join('\n'), {limit: ROUND_LENGTH});
	return body === '' ? `${head}.` : `${head}:\n\n${body}`;
};

/** The last rounds, newest last; `note` as for one. */
export const tellRounds = (
	rounds: readonly ReviewRound[],
	note: (comment: ReviewComment, round: ReviewRound) => string = () => '',
): string =>
	rounds
		.slice(-ROUNDS_TOLD)
		.map(round => tellRound(round, comment => note(comment, round)))
		.join('\n\n');

/** A human's comments on the change outside the rounds; those on an earlier commit may be done already. */
export const formatCommentsForAgent = ({comments, commit}: WholeTask): string => {
	const lines = byUrgency(comments.slice(-COMMENTS_SHOWN)).map(
		comment =>
			`${formatComment(comment)}${comment.commit === commit ? '' : ` [on ${plainTextLine(comment.commit.slice(0, 12)) || 'the work before it was submitted'}]`}`,
	);
	return lines.length === 0 ? '' : `Comments by a human:\n\n${fenced(lines.join('\n'), {limit: ROUND_LENGTH})}`;
};

/** Why a task was returned, and with what; leaves out what the review or the handover note already says. */
const output = ({reason, feedback, reviews, handoff}: WholeTask): string => {
	const text = plainText(feedback);
	const last = reviews.at(-1);
	const isReview =
		last?.verdict === 'changes' &&
		text === plainText([last.text, ...byUrgency(last.comments).map(formatComment)].filter(Boolean).join('\n'));
	if (isReview || (text !== '' && handoff.includes(text.slice(-200)))) return '';
	const why = forAgents(plainTextLine(reason, 600));
	if (text === '' && handoff.includes(why)) return '';
	return fenced([text.startsWith(why) ? '' : why, text].filter(Boolean).join('\n\n'), {limit: 40_000});
};

const handoff = ({handoff: note, author, stage}: WholeTask, agent: string): string => {
	if (note !== '') return fenced(note, {limit: 16_000});
	const isOthers = author !== '' && author !== agent && (stage === 'develop' || stage === 'document');
	return isOthers ? `${agentName(author)} worked on it before. Continue from the last commit.` : '';
};

const ANYBODY = [
	['progress "TEXT"', 'report progress in one line, for humans'],
	['ask "QUESTION" --choice A --choice B', 'wait for a human and print the answer'],
	['message AGENT "TEXT"', 'send a message to an agent, such as dev-2'],
	['inbox', 'print your new messages'],
	['queue', 'list open tasks and their agents'],
	['diff [RANGE] --path PATH', 'show all changes, or A..B; also `log` and `show COMMIT [PATH]`'],
	['blocked "REASON"', 'say why you cannot continue, then end: a human answers, and the task continues'],
] as const;
const WRITERS = [
	['commit "MESSAGE" --path PATH', 'commit all changes or these paths; concludes a merge'],
	['lock "src/db/**" --wait 10m', 'lock paths until `unlock`, or until you end'],
] as const;

/** Stages whose agents write work that is kept. */
const WRITING: readonly Stage[] = ['develop', 'document', 'resolve'];

const commands = (stage: Stage, {program, harness}: BriefSources): string => {
	const rows = [...ANYBODY, ...(WRITING.includes(stage) ? WRITERS : [])];
	const width = Math.max(...rows.map(([call]) => call.length));
	const lines = rows.map(([call, meaning]) => `    agent-room report ${call.padEnd(width)}  ${meaning}`);
	const notes = [`If your shell cannot find \`agent-room\`, use ${coded(program)}.`, ...(harness ? harnessNotes(harness) : [])];
	return [...lines, '', ...notes.map(note => `- ${note}`)].join('\n');
};

/**
 * The first text for an agent, in Markdown, from the template of its role. Guarantee: texts of humans, agents and programs are in fences that they
 * cannot close; ids, paths and branches are words on one line.
 */
export const composeBrief = (task: WholeTask, sources: BriefSources): string =>
	expandBrief(sources.template, {
		task: task.id,
		title: coded(task.title),
		stage: task.stage,
		attempt: String(Math.max(1, task.attempt)),
		round: String(task.rounds),
		priority: String(task.priority),
		feature: task.feature || task.id,
		agent: agentName(sources.agent),
		role: sources.role,
		author: task.author === '' ? 'somebody' : agentName(plainTextLine(task.author)),
		worktree: sources.worktree,
		branch: sources.branch,
		port: String(sources.port),
		base: sources.base,
		commit: task.commit,
		tests: sources.tests === '' ? 'the test command (not set yet)' : coded(sources.tests),
		description: fenced(task.description, {limit: 200_000}),
		acceptance: fenced(task.acceptance.map(criterion => `- ${plainTextLine(criterion, 2000)}`).join('\n')),
		paths: task.paths.map(path => `- ${coded(path)}`).join('\n'),
		rounds: [tellRounds(task.reviews), formatCommentsForAgent(task)].filter(Boolean).join('\n\n'),
		output: output(task),
		handoff: handoff(task, sources.agent),
		mail: fenced(sources.mails.map(told).join('\n')),
		commands: commands(task.stage, sources),
		...sources.values,
	});
