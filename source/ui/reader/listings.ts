import {agentName} from '../../core/agent.ts';
import {AHEAD, isBudgetReached} from '../../core/budget.ts';
import {dollars} from '../../core/money.ts';
import {readProposal} from '../../core/plan.ts';
import type {WholeTask} from '../../core/task.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {ageOf, serverNow} from '../model/ages.ts';
import {askText} from '../model/asks.ts';
import {attention} from '../model/attention.ts';
import {events} from '../model/events.ts';
import {queue} from '../model/queue.ts';
import {many, spoken} from './speech.ts';

/** So many lines of a list are read; the rest is counted. */
const MOST = 20;
const LAST_EVENTS = 10;

const more = (count: number): readonly string[] => (count > 0 ? [`and ${count} more.`] : []);

/** What needs a person, the most urgent first, as rows that can be chosen. */
export const needRows = (snapshot: RoomSnapshot, now: number): readonly {readonly id: string; readonly text: string}[] =>
	attention(snapshot, serverNow(snapshot, now))
		.slice(0, MOST)
		.map(({id, name, kind, text, since}) => ({
			id,
			text: `${spoken(name)}, ${kind}, for ${ageOf(since, serverNow(snapshot, now))}: ${spoken(text, 200)}`,
		}));

/** Everything that waits and why. */
export const queueLines = (snapshot: RoomSnapshot, now: number): readonly string[] => {
	const rows = queue(snapshot, serverNow(snapshot, now));
	if (rows.length === 0) return ['The queue is empty.'];
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

/** The last things that happened, oldest first. */
export const eventLines = (snapshot: RoomSnapshot): readonly string[] => {
	const last = events(snapshot).slice(-LAST_EVENTS);
	return last.length === 0 ? ['Nothing has happened yet.'] : last.map(({text}) => spoken(text));
};

/** What is to be decided about a task, read in full. */
export const decisionLines = (task: WholeTask): readonly string[] => {
	const head = `${spoken(task.id)} ${spoken(task.title)}: ${spoken(task.hold || askText(task))}`;
	const plan = readProposal(task.proposal);
	if (task.asks !== 'plan' || !plan)
		return [head, ...(task.asks === 'plan' ? ['There is no plan that can be read: open the room with its screen.'] : [])];
	const tasks = plan.tasks.slice(0, MOST).map((one, index) => {
		const after = one.after.length > 0 ? `, after ${one.after.map(id => spoken(id)).join(' and ')}` : '';
		return `task ${index + 1}: ${spoken(one.id)}, ${spoken(one.title, 160)}${after}`;
	});
	return [head, `plan: ${spoken(plan.summary)}`, ...tasks, ...more(plan.tasks.length - tasks.length)];
};
