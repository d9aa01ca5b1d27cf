import {agentName, parseAgentId} from '../core/agent.ts';
import {tellWait} from '../core/lock-words.ts';
import type {Reply} from '../core/protocol.ts';
import {plainText, plainTextLine} from '../core/quote.ts';
import {FINAL_STATES, type Task} from '../core/task.ts';
import {whatMoves} from '../core/what-moves.ts';
import {whyHere} from '../core/why-here.ts';
import type {Attempt} from './attempt.ts';
import type {Engine} from './engine.ts';
import {lookUp} from './look-up.ts';
import {ok, refuse} from './report-replies.ts';
import {tellTask} from './tell-task.ts';

/** So many other tasks an agent is told of: it reads them at a price. */
const MOST_TASKS = 40;

const isOpen = ({state}: Task): boolean => !FINAL_STATES.includes(state);

/** Its own feature first, then what may be begun soonest. */
const byNearness =
	(feature: string) =>
	(one: Task, other: Task): number =>
		Number(other.feature === feature) - Number(one.feature === feature) || other.priority - one.priority || one.id.localeCompare(other.id);

const said = (lines: readonly string[]): Reply => ({...ok, message: plainText(lines.join('\n'))});

/** What an agent may know of the queue: its own task, who does what beside it, and what comes next; in lines, the same for every road. */
export const tellQueue = (engine: Engine, {task}: Pick<Attempt, 'task'>): Reply => {
	const team = engine.state.team();
	const open = [...team.tasks.values()].filter(other => other.id !== task.id && isOpen(other)).toSorted(byNearness(task.feature));
	const own = team.tasks.get(task.id) ?? task;
	const more = open.length - MOST_TASKS;
	return said([
		`Yours: ${tellTask(own)}`,
		...(open.length > 0 ? ['', `Open besides (${open.length}):`, ...open.slice(0, MOST_TASKS).map(other => `- ${tellTask(other)}`)] : []),
		...(more > 0 ? [`- and ${more} more`] : []),
	]);
};

/** Why a task or an agent is where it is, and what would move it. */
export const tellWhy = async (engine: Engine, id: string): Promise<Reply> => {
	const now = engine.state.serverNow();
	const found = await lookUp(engine.coordination, engine.state.team(), id.toLowerCase());
	const room = {...engine.state.getFresh(), hasTestCommand: engine.config.test !== undefined};
	if (found) {
		const moves = whatMoves(found.task, found.team, room);
		return said([tellTask(found.task), whyHere(found.task, found.team, now, room), ...(moves === '' ? [] : [moves])]);
	}
	const team = engine.state.team();
	const agent = team.agents.get(parseAgentId(id));
	if (!agent)
		return refuse('gone', `There is no task or agent \`${plainTextLine(id, 60)}\`.`, 'The tasks are in `agent-room report queue`.');
	const does = tellWait(agent.id, team, now) || agent.question || agent.doing || agent.reason;
	const at = agent.task === '' ? '' : ` at ${agent.task}`;
	return said([`${agentName(agent.id)} (${agent.role}): ${agent.status}${at}`, ...(does === '' ? [] : [plainTextLine(does)])]);
};
