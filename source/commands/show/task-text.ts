import {agentName} from '../../core/agent/agent.ts';
import {usedText} from '../../core/protocol/cost.ts';
import type {TaskDetail} from '../../core/protocol/output-schema.ts';
import {whatPassed} from '../../core/queue/merge-queue.ts';
import {byUrgency, countComments, formatComment, formatComments} from '../../core/review/comments.ts';
import type {ReviewRound} from '../../core/review/round.ts';
import {attemptCount} from '../../core/task/attempts.ts';
import {priorityBadge} from '../../core/task/task.ts';
import {counted, formatAge} from '../../core/text/format.ts';
import {plainLine, plainLines, tableText} from '../parse/print.ts';

/** A task in full, with why it is in its state and what would unblock it. */
export type ShownTask = {readonly detail: TaskDetail; readonly why: string; readonly moves: string};

const tests = ({testExit, testMs, testLog, testedWith, flaky, removals}: TaskDetail): string =>
	[
		testExit < 0
			? ''
			: `${testExit === 0 ? whatPassed({testedWith}) : `failed with exit ${testExit}`} in ${testMs < 1000 ? `${testMs}ms` : formatAge(testMs)}`,
		flaky > 0 ? `flaky ${flaky}×` : '',
		removals > 0 ? `removed from the merge queue ${removals}×` : '',
		testLog === '' ? '' : `log ${testLog}`,
	]
		.filter(Boolean)
		.join(', ');

/** The task's fields that are set, by name, most wanted first. */
const rowsOf = ({detail: task, why, moves}: ShownTask): ReadonlyArray<readonly [string, string]> => [
	['title', task.title],
	['state', `${task.state}, stage ${task.stage}${why && why !== task.state ? `: ${why}` : ''}`],
	['unblock', moves],
	['priority', `${priorityBadge(task.priority)} (${task.priority})`],
	['feature', task.feature],
	['owner', task.owner && agentName(task.owner)],
	['progress', task.progress],
	['attempt', task.attempt ? `${attemptCount(task)}, ${counted(task.rounds, 'review round', 'review rounds')}` : ''],
	['needs', task.needs.join(', ')],
	['after', task.after.join(', ')],
	['paths', task.paths.join(', ')],
	['audit', task.audit ? 'wanted' : ''],
	['model', task.model],
	['permissions', task.permissions],
	['adopts', task.adopts],
	['starts at', task.startsAt],
	['branch', task.branch],
	['worktree', task.worktree],
	['commit', task.commit],
	['author', (task.authors.length > 0 ? task.authors : [task.author]).map(agentName).join(', ')],
	['reviewer', task.reviewer && agentName(task.reviewer)],
	['tests', tests(task)],
	['session', task.session],
	['used', usedText(task)],
	['merged', task.mergedCommit],
	['reason', task.reason],
];

const section = (title: string, lines: readonly string[]): readonly string[] =>
	lines.length > 0 ? ['', title, ...lines.map(line => `  ${line}`)] : [];

const linesOf = (text: string): readonly string[] => (text.trim() === '' ? [] : plainLines(text).trimEnd().split('\n'));

/** Review rounds as a table, then their comments, must-fix first. */
const reviews = (rounds: readonly ReviewRound[]): readonly string[] => {
	if (rounds.length === 0) return [];
	const rows = rounds.map(({round, stage, reviewer, verdict, commit, comments}) => [
		String(round),
		stage,
		agentName(reviewer),
		verdict,
		commit.slice(0, 12),
		countComments(comments),
	]);
	const said = rounds.flatMap(({round, text, comments}) => {
		const lines = [text, ...byUrgency(comments).map(formatComment)].filter(Boolean).flatMap(linesOf);
		return lines.length > 0 ? ['', `round ${round}`, ...lines.map(line => `  ${line}`)] : [];
	});
	return [...tableText([['ROUND', 'STAGE', 'REVIEWER', 'VERDICT', 'COMMIT', 'COMMENTS'], ...rows]), ...said];
};

/** `agent-room task ID`, line by line. */
export const taskText = (shown: ShownTask): readonly string[] => {
	const {detail} = shown;
	const last = detail.reviews.at(-1);
	// A review's feedback is already in its round.
	const feedback = last && detail.feedback === formatComments(last) ? '' : detail.feedback;
	return [
		plainLine(detail.id),
		...rowsOf(shown).flatMap(([name, value]) => (value ? [`  ${name.padEnd(9)} ${plainLine(value)}`] : [])),
		...section('DESCRIPTION', linesOf(detail.description)),
		...section(
			'ACCEPTANCE',
			detail.acceptance.map(criterion => `- ${plainLine(criterion)}`),
		),
		...section('REVIEWS', reviews(detail.reviews)),
		...section(
			'COMMENTS',
			detail.comments.flatMap(comment => linesOf(formatComment(comment))),
		),
		...section('FEEDBACK', linesOf(feedback)),
		...section('HANDOFF NOTES', linesOf(detail.handoff)),
	];
};
