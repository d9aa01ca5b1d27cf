import {agentName} from '../../../core/agent/agent.ts';
import {roleLabel} from '../../../core/agent/role-label.ts';
import {usedText} from '../../../core/protocol/cost.ts';
import {whatPassed} from '../../../core/queue/merge-queue.ts';
import {whatMoves} from '../../../core/queue/unblock.ts';
import {whyHere} from '../../../core/queue/why.ts';
import {attemptCount} from '../../../core/task/attempts.ts';
import {stageRole} from '../../../core/task/stages.ts';
import {isAsking, priorityBadge, type Task, type WholeTask} from '../../../core/task/task.ts';
import {type Drawing, teamNow} from '../../draw/context.ts';
import {hintRows, keyLabel, keyOf} from '../../keymap/keymap.ts';
import {decisionWords} from '../../model/decision-words.ts';
import {stateWord} from '../../model/status-styles.ts';
import {usualTestMs} from '../../model/tests.ts';
import {age, ageOf} from '../../model/time.ts';
import {needsMet} from '../../state/selection.ts';
import {bullets, field, heading, paragraph} from '../../text/blocks.ts';
import {bar} from '../../text/chart.ts';
import {type Line, said, span} from '../../text/text.ts';

export const whereOf = (task: Task, drawing: Drawing): string => whyHere(task, drawing.snapshot.team, teamNow(drawing), drawing.snapshot);

/** `, after 2 rounds of changes`; of a plan, the Planner's tries. */
const roundsText = ({rounds, firstStage}: Task): string => {
	if (rounds === 0) return '';
	if (firstStage === 'plan') return `, after ${rounds === 1 ? 'a plan' : `${rounds} plans`} that were not valid`;
	return `, after ${rounds === 1 ? 'one review round' : `${rounds} review rounds`}`;
};

/** `approve or request changes`: the two answers to what a task asks. */
const answersOf = (task: Task): string => {
	const {yes, no} = decisionWords(task);
	return `${yes} or ${no}`;
};

const stateLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => {
	const moves = whatMoves(task, drawing.snapshot.team, drawing.snapshot);
	return [
		...field('stage', `${task.stage}, ${stateWord(task)}${roundsText(task)}`, columns),
		...field('why', whereOf(task, drawing), columns, {tone: isAsking(task) || task.state === 'failed' ? 'warning' : 'strong'}),
		...field(
			'to unblock',
			isAsking(task) ? `${answersOf(task)}: ${keyOf(drawing.keymap, 'peek', drawing.isAscii)} opens it` : moves,
			columns,
		),
	];
};

const told = (id: string, {snapshot}: Drawing): string => {
	const other = snapshot.team.tasks.get(id);
	return other ? `${id} (${other.state === 'leased' ? other.stage : other.state})` : id;
};

/** Its pull request: where it is, and its checks, those that failed first. */
export const pullLines = ({pull}: Pick<Task, 'pull'>, columns: number): readonly Line[] => {
	if (pull.number === 0) return pull.isOfFeature ? field('pull request', `not open yet; branch ${said(pull.branch)}`, columns) : [];
	const checks = pull.checks.map(({name, state, isRequired}) => `${name} ${state}${isRequired ? ' (required)' : ''}`).join(', ');
	return [
		...field('pull request', `#${pull.number} ${pull.state === 'open' && pull.isDraft ? 'draft' : pull.state}, ${said(pull.url)}`, columns),
		...field('its checks', said(checks), columns),
	];
};

const factLines = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => {
	const {snapshot} = drawing;
	const now = teamNow(drawing);
	const blocks = [...snapshot.team.tasks.values()].filter(({after}) => after.includes(task.id)).map(({id}) => told(id, drawing));
	return [
		...field('priority', `${priorityBadge(task.priority)} (${task.priority}) · queued ${ageOf(task.createdAt, now)} ago`, columns),
		...field('feature', task.feature, columns),
		...field('for', [roleLabel(task.firstRole || stageRole(task.firstStage)), ...task.needs].join(', '), columns),
		...field('after', task.after.map(id => told(id, drawing)).join(', '), columns),
		...field('waiting', blocks.join(', '), columns),
		...field('scope', task.paths.join(', '), columns),
		...pullLines(task, columns),
		...field('model', task.model, columns),
		...field('permissions', task.permissions, columns),
		...field('adopts', task.adopts, columns),
		...field('security', task.audit ? 'security review required' : '', columns),
		...field('used', usedText(task), columns),
	];
};

const attemptLines = (task: Task, columns: number): readonly Line[] => [
	...field('attempt', task.attempt > 0 ? attemptCount(task) : '', columns),
	...field('written by', task.authors.map(agentName).join(', '), columns),
	...field('branch', task.branch, columns),
	...field('commit', task.commit.slice(0, 9), columns),
	...field('worktree', task.worktree, columns),
	...field('session', task.session, columns),
	...field('came back', task.reason, columns, {most: 3}),
];

/** The task's keys that currently work. */
const keyLines = (task: Task, drawing: Drawing, columns: number): readonly Line[] => {
	const met = needsMet({...drawing.state, dialog: undefined}, drawing);
	const rows = hintRows(drawing.keymap, 'room', met)
		.filter(({needs = '', action}) => ABOUT_TASK.includes(needs) || (action === 'peek' && task.decision !== ''))
		.map(row => (row.action === 'peek' ? {...row, help: answersOf(task)} : row));
	if (rows.length === 0) return [];
	return [
		heading('KEYS', columns),
		...rows.map(
			(row): Line => [
				span(` ${keyLabel(row.keys[0] ?? '', drawing.isAscii).padEnd(6)}`, row.isDanger ? 'danger' : 'strong'),
				span(row.help),
			],
		),
	];
};
const ABOUT_TASK = ['agent', 'program', 'task', 'open-task', 'leased-task', 'again-task', 'log', 'feature'];

export const taskFacts = (task: WholeTask, drawing: Drawing, columns: number): readonly Line[] => [
	...stateLines(task, drawing, columns),
	[],
	heading('TASK', columns),
	...factLines(task, drawing, columns),
	...(task.acceptance.length > 0 ? [[span(' acceptance', 'dim')] as Line, ...bullets(task.acceptance, columns)] : []),
	...paragraph(task.description, columns, 60),
	[],
	heading('WORK', columns),
	...attemptLines(task, columns),
	...(task.attempt === 0 ? [[span(' Not started.', 'dim')] as Line] : []),
	[],
	...keyLines(task, drawing, columns),
];

/** `███░░░░░ 3m of about 5m`, or `running 64s` before the first run that passed, `passed in 58s`, `failed (exit 1) after 12s`: the last test run. */
export const testText = (task: Task, {snapshot}: Drawing, now: number): string => {
	const runner =
		task.stage === 'test' && task.state === 'leased' && task.candidate !== '' ? snapshot.team.agents.get(task.owner) : undefined;
	if (runner) {
		const usual = usualTestMs(snapshot, now);
		const ran = Math.max(0, now - runner.statusAt);
		return usual > 0 ? `${bar(ran / usual, 8)} ${age(ran)} of about ${age(usual)}` : `running ${age(ran)}`;
	}
	if (task.testExit < 0) return '';
	return task.testExit === 0 ? `${whatPassed(task)} in ${age(task.testMs)}` : `failed (exit ${task.testExit}) after ${age(task.testMs)}`;
};

export const titleOf = (task: Task): string => `${said(task.id)} ${said(task.title)}`;
