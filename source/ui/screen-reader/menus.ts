import {agentName, isAsking} from '../../core/agent/agent.ts';
import {AHEAD, isBudgetReached} from '../../core/cost/budget.ts';
import {readProposal} from '../../core/plan/plan.ts';
import type {Action} from '../../core/protocol/action.ts';
import type {WholeTask} from '../../core/task/task.ts';
import type {Figures} from '../../core/team/figures.ts';
import {dollars} from '../../core/text/format.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {type Attention, attention} from '../model/attention.ts';
import {decisionWords} from '../model/decision-words.ts';
import {events} from '../model/events.ts';
import {judgedText, percentOf, successOf} from '../model/figures.ts';
import {queue} from '../model/queue.ts';
import {reasonText, STATUS_STYLES} from '../model/status-styles.ts';
import {age, ageOf, serverNow} from '../model/time.ts';
import {many, spoken} from './news.ts';

/** Lines of a list that are read; the rest is counted. */
const MOST = 20;
const LAST_EVENTS = 10;
const DAY = 24;

/** That a list goes on; nothing where it does not. */
export const more = (count: number): readonly string[] => (count > 0 ? [`and ${count} more.`] : []);

/** `stalled, ` before a text that does not say so itself; a task fails, only an agent crashes. */
const kindWords = ({id, kind, text}: Attention): string => {
	const word = kind === 'crashed' && id.startsWith('task:') ? 'failed' : STATUS_STYLES[kind].word;
	return ['needs ', 'blocked', word].some(said => spoken(text).startsWith(said)) ? '' : `${word}, `;
};

/** What needs a human, most urgent first, as selectable rows. */
export const needRows = (snapshot: RoomSnapshot, now: number): readonly {readonly id: string; readonly text: string}[] =>
	attention(snapshot, serverNow(snapshot, now))
		.slice(0, MOST)
		.map(row => ({
			id: row.id,
			text: `${spoken(row.name)}, ${kindWords(row)}for ${ageOf(row.since, serverNow(snapshot, now))}: ${spoken(row.text, 200)}`,
		}));

export const queueLines = (snapshot: RoomSnapshot, now: number): readonly string[] => {
	const rows = queue(snapshot, serverNow(snapshot, now));
	if (rows.length === 0) return ['The task queue is empty.'];
	const lines = rows.slice(0, MOST).map(({task, why}) => `${spoken(task.id)}, ${spoken(task.title, 120)}: ${spoken(why, 120)}`);
	return [`${many(rows.length, 'task')} waiting:`, ...lines, ...more(rows.length - lines.length)];
};

export const costText = ({team}: RoomSnapshot): string => {
	const {spent, budget, atBudget} = team.control;
	const used = `${dollars(spent)} ${budget > 0 ? `of ${dollars(budget)} ` : ''}used${budget > 0 ? '' : ', no budget is set'}; the agents' own estimates.`;
	const dear = [...team.agents.values()].filter(agent => agent.spent > 0).sort((one, other) => other.spent - one.spent);
	const most = dear.slice(0, 5).map(agent => `${agentName(agent.id)} ${dollars(agent.spent)}`);
	const then = budget > 0 ? ` ${isBudgetReached(team.control) ? 'The budget is reached' : 'When it is reached'}: ${AHEAD[atBudget]}.` : '';
	return `cost: ${used}${then}${most.length > 0 ? ` Most by ${most.join(', ')}.` : ''}`;
};

/** The charts of the room in words. */
export const figureLines = (figures: Figures, snapshot: RoomSnapshot): readonly string[] => {
	const {hours, lead} = figures;
	const merged = hours.slice(-DAY).reduce((sum, hour) => sum + hour.merged, 0);
	const success = successOf(figures, snapshot);
	const took = lead.count > 0 ? `, median time from added to merged ${age(lead.medianMs)}, nine of ten within ${age(lead.highMs)}` : '';
	return [
		`figures: ${merged} merged in the last ${Math.min(DAY, hours.length)} hours${took}; ${hours.at(-1)?.queued ?? 0} waiting now.`,
		...success.slice(0, MOST).map(({name, of}) => `${spoken(name)}: ${percentOf(of)}, ${judgedText(of)}`),
		...more(success.length - MOST),
	];
};

export const eventLines = (snapshot: RoomSnapshot): readonly string[] => {
	const last = events(snapshot).slice(-LAST_EVENTS);
	return last.length === 0 ? ['No events yet.'] : last.map(({text}) => spoken(text));
};

export const decisionLines = (task: WholeTask): readonly string[] => {
	const head = `${spoken(task.id)} ${spoken(task.title)}: ${spoken(reasonText(task))}`;
	const plan = readProposal(task.proposal);
	if (task.decision !== 'plan' || !plan)
		return [head, ...(task.decision === 'plan' ? ['The plan cannot be read here: open the room with its screen.'] : [])];
	const tasks = plan.tasks.slice(0, MOST).map((one, index) => {
		const after = one.after.length > 0 ? `, after ${one.after.map(id => spoken(id)).join(' and ')}` : '';
		return `task ${index + 1}: ${spoken(one.id)}, ${spoken(one.title, 160)}${after}`;
	});
	return [head, `plan: ${spoken(plan.summary)}`, ...tasks, ...more(plan.tasks.length - tasks.length)];
};

/** What 1 and 2 mean for a task that needs a decision. */
export const choiceLine = (task: Pick<WholeTask, 'decision'>): string => {
	const {yes, no} = decisionWords(task);
	return `Type 1 for ${yes}, 2 for ${no}`;
};

/** The place in the menus, which decides what a number means. Only an answer and a decision are bound to what was read aloud. */
export type Place =
	| {readonly at: 'menu'}
	| {readonly at: 'needs'; readonly rows: readonly string[]}
	| {readonly at: 'answer'; readonly agent: string; readonly questionId: string}
	| {readonly at: 'decide'; readonly task: string; readonly version: string}
	| {readonly at: 'dead'; readonly task: string}
	| {readonly at: 'stray'}
	| {readonly at: 'words'; readonly task: string; readonly version: string}
	| {readonly at: 'agents'; readonly agents: readonly string[]}
	| {readonly at: 'agent'; readonly agent: string}
	| {readonly at: 'message'; readonly agent: string}
	| {readonly at: 'title'}
	| {readonly at: 'kind'; readonly title: string}
	| {readonly at: 'quit'};

export type Step = {
	readonly place: Place;
	readonly lines: readonly string[];
	readonly action?: Action;
	/** A task whose plan is to be read aloud. */
	readonly read?: string;
	/** The figures are read aloud after it. */
	readonly hasFigures?: true;
	readonly leave?: 'detach' | 'stop';
};

export const MENU_WORDS = [
	'who needs me',
	'agents',
	'queue',
	'new task',
	'pause or resume all',
	'freeze or unfreeze',
	'cost and figures',
	'recent events',
	'quit',
] as const;

export const to = (place: Place, ...lines: readonly string[]): Step => ({place, lines});
export const home: Place = {at: 'menu'};

/** The agent's open question; undefined if it cannot be answered. */
export const questionOf = (
	snapshot: RoomSnapshot,
	agent: string,
): {readonly id: string; readonly choices: readonly string[]} | undefined => {
	const found = snapshot.team.agents.get(agent);
	return found && isAsking(found) ? {id: found.questionId, choices: found.choices} : undefined;
};

export const nameOf = (id: string): string => agentName(id);

/** What must not change in a task between reading it aloud and your answer. */
export const versionOfTask = (task: Pick<WholeTask, 'decision' | 'updatedAt' | 'rounds'> | undefined): string =>
	task ? `${task.decision} ${task.updatedAt} ${task.rounds}` : '';
