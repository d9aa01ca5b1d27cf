import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import {tellWait} from '../../core/lock/lock.ts';
import {mergeCheck} from '../../core/merge/verdict.ts';
import {taskDetail} from '../../core/protocol/output.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {whyThrottled} from '../../core/queue/eligibility.ts';
import {whatMoves} from '../../core/queue/unblock.ts';
import {whyHere} from '../../core/queue/why.ts';
import {type SessionLine, sessionLine} from '../../core/session/words.ts';
import {causeHere, tellCause} from '../../core/task/failure.ts';
import {FINAL_STATES, parseTask, type Task, type WholeTask, withoutTexts} from '../../core/task/task.ts';
import type {Coordination} from '../../core/team/coordination.ts';
import type {TeamSnapshot} from '../../core/team/snapshot.ts';
import {plainText, plainTextLine} from '../../core/text/quote.ts';
import type {Attempt} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {ok, refuse, tellTask} from '../parts/replies.ts';
import {slotText} from '../parts/slot.ts';

/** Dependencies of one task that are checked, to bound the cost of a long list. */
const MOST_DEPENDENCIES = 100;

/**
 * One task in full as Redis has it now, and the team with its dependencies among the tasks: the room remembers only the heads of the queues.
 * Undefined if there is no such task. Throws `RedisLost` while Redis is away.
 */
export const lookUp = async (
	coordination: Coordination,
	team: TeamSnapshot,
	id: string,
): Promise<{task: WholeTask; team: TeamSnapshot} | undefined> => {
	const task = await coordination.task(id);
	if (!task) return undefined;
	const unknown = task.after.slice(0, MOST_DEPENDENCIES).filter(dependency => !team.tasks.has(dependency));
	const read = unknown.length > 0 ? await coordination.read(unknown) : new Map<string, Record<string, string>>();
	const found = [...read].map(([name, fields]) => [name, parseTask(name, fields)] as const);
	return {task, team: {...team, tasks: new Map([...team.tasks, ...found, [id, task]])}};
};

/** While Redis is away, what the room remembers is better than nothing. */
const lookedUp = async ({link, record}: Pick<Room, 'link' | 'record'>, id: string): ReturnType<typeof lookUp> => {
	const team = record.team();
	if (link.isConnected()) return lookUp(link.coordination, team, id);
	const task = team.tasks.get(id);
	return task && {task: withoutTexts(task), team};
};

const sessionOf = ({session, delivery: drive}: Attempt): SessionLine | undefined =>
	session && sessionLine({cli: session.cli.name, mode: session.mode}, session.now(), drive.receipts, session.clock());

const carriedOut = ({pid, token}: Attempt): string =>
	`${pid === 0 ? 'the room does its work itself' : `its process ${pid} runs`} under token ${token.split(':')[0]}`;

const explainAgent = ({record, slots}: Pick<Room, 'record' | 'slots'>, id: string): object | undefined => {
	const team = record.team();
	const agent = team.agents.get(parseAgentId(id));
	if (!agent) return undefined;
	const slot = slots.get(agent.id);
	const running = slots.attempt(agent.id);
	const session = running && sessionOf(running);
	const now = record.serverNow();
	// An idle agent of a rate-limited account looks idle in Redis, but gets no task.
	const throttled = running ? '' : whyThrottled(agent, team.control, now);
	const why = tellWait(agent.id, team, now) || throttled || agent.reason || agent.question || agent.doing || agent.status;
	const state = throttled !== '' && agent.status === 'idle' ? 'rate-limited' : agent.status;
	const moves = throttled === '' ? '' : `it resumes by itself then; to try now: \`agent-room clear-rate-limit ${agent.account}\``;
	return {
		...{id: agent.id, state, why, moves, evidence: running ? carriedOut(running) : 'it has no process in this room'},
		...(slot ? {slot: slotText(slot, performance.now())} : {}),
		...(session ? {session} : {}),
	};
};

/** Why a task or an agent is as it is, and what would change it; undefined if there is neither. For an agent also the signs behind it. */
export const explain = async (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, id: string): Promise<Reply | undefined> => {
	const found = await lookedUp(room, id.toLowerCase());
	if (!found) {
		const told = explainAgent(room, id);
		return told && {ok: true, code: 'ok', data: told};
	}
	const {task, team} = found;
	const now = room.record.serverNow();
	const shown = {...room.record.getFresh(), hasTestCommand: room.facts.config.test !== undefined};
	const facts = room.link.isConnected() ? await room.record.look('facts', task.id).catch(() => undefined) : undefined;
	const {verdict, reason, checks, risk} = mergeCheck({task, facts, team, room: shown, now});
	const cause = causeHere(task, team.agents.get(task.owner));
	const data = {
		id: task.id,
		state: task.state,
		stage: task.stage,
		why: whyHere(task, team, now, shown),
		moves: whatMoves(task, team, shown),
		...(cause ? {cause: tellCause(cause)} : {}),
		merge: {verdict, reason, checks, ...(risk ? {risk} : {})},
		task: taskDetail(task, team, now, shown),
	};
	return {ok: true, code: 'ok', data};
};

/** Maximum of other tasks an agent is told of: reading them costs tokens. */
const MOST_TASKS = 40;

const isOpen = ({state}: Task): boolean => !FINAL_STATES.includes(state);

/** Its own feature first, then what can start soonest. */
const byNearness =
	(feature: string) =>
	(one: Task, other: Task): number =>
		Number(other.feature === feature) - Number(one.feature === feature) || other.priority - one.priority || one.id.localeCompare(other.id);

const said = (lines: readonly string[]): Reply => ({...ok, message: plainText(lines.join('\n'))});

/** What an agent may know of the queue: its own task, who works on what, and what comes next; in lines, the same for every caller. */
export const tellQueue = ({record}: Pick<Room, 'record'>, {task}: Pick<Attempt, 'task'>): Reply => {
	const team = record.team();
	const open = [...team.tasks.values()].filter(other => other.id !== task.id && isOpen(other)).toSorted(byNearness(task.feature));
	const own = team.tasks.get(task.id) ?? task;
	const more = open.length - MOST_TASKS;
	return said([
		`Yours: ${tellTask(own)}`,
		...(open.length > 0
			? ['', `Other open tasks (${open.length}):`, ...open.slice(0, MOST_TASKS).map(other => `- ${tellTask(other)}`)]
			: []),
		...(more > 0 ? [`- and ${more} more`] : []),
	]);
};

/** Why a task or an agent is as it is, and what would change it. */
export const tellWhy = async ({facts, link, record}: Pick<Room, 'facts' | 'link' | 'record'>, id: string): Promise<Reply> => {
	const now = record.serverNow();
	const found = await lookUp(link.coordination, record.team(), id.toLowerCase());
	const room = {...record.getFresh(), hasTestCommand: facts.config.test !== undefined};
	if (found) {
		const moves = whatMoves(found.task, found.team, room);
		return said([tellTask(found.task), whyHere(found.task, found.team, now, room), ...(moves === '' ? [] : [moves])]);
	}
	const team = record.team();
	const agent = team.agents.get(parseAgentId(id));
	if (!agent) return refuse('gone', `Unknown task or agent \`${plainTextLine(id, 60)}\`.`, 'List tasks with `agent-room report queue`.');
	const does = tellWait(agent.id, team, now) || agent.question || agent.doing || agent.reason;
	const at = agent.task === '' ? '' : ` at ${agent.task}`;
	return said([`${agentName(agent.id)} (${agent.role}): ${agent.status}${at}`, ...(does === '' ? [] : [plainTextLine(does)])]);
};
