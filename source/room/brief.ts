import {agentName} from '../core/agent.ts';
import type {Mail} from '../core/coordination.ts';
import type {Task, WholeTask} from '../core/task.ts';

export type BriefPlace = {readonly worktree: string; readonly branch: string; readonly base: string};

const section = (title: string, text: string): readonly string[] => (text.trim() === '' ? [] : ['', `## ${title}`, '', text.trim()]);

const develop = (task: Task, place: BriefPlace): readonly string[] => [
	`You are on the branch \`${place.branch}\` in your own worktree \`${place.worktree}\`; its base is \`${place.base}\`.`,
	'Work only there. Commit what you did; what is left uncommitted when you end is committed for you.',
	...(task.reason === '' ? [] : section('Why it came back', task.reason)),
];

const review = (task: Task): readonly string[] => [
	`Review commit \`${task.commit}\` of ${agentName(task.author)} against its base. The worktree is for reading: your commits never travel.`,
	'Answer with `agent-room report done --verdict approve` or `agent-room report done --verdict changes --comments FILE`.',
	'Ending without a verdict is not an approval.',
];

const told = ({from, task, text}: Mail): string =>
	`- From ${from === '' ? 'a person' : agentName(from)}${task === '' ? '' : `, about ${task}`}: ${text}`;

/**
 * The first text that an agent gets, in Markdown: the task, where to work, and what earlier rounds left (review comments, failing
 * output, a hand-over). The texts of people and other agents are quoted as data under headings of their own.
 */
export const composeBrief = (task: WholeTask, place: BriefPlace, mails: readonly Mail[] = []): string =>
	[
		`# ${task.title}`,
		'',
		`Task ${task.id}, stage ${task.stage}, attempt ${Math.max(1, task.attempt)}.`,
		'',
		...(task.stage === 'review' ? review(task) : develop(task, place)),
		...section('Task', task.brief),
		...section('Mail', mails.map(told).join('\n')),
		...section('Earlier review, test output or hand-over', task.feedback),
		'',
	].join('\n');
