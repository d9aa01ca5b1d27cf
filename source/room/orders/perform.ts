import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import {submissionRules} from '../../core/config/config.ts';
import {type AtBudget, budgetText} from '../../core/cost/budget.ts';
import type {NewTask} from '../../core/intake/new-task.ts';
import {notSubmitted, readSubmission, type Submission} from '../../core/intake/submission.ts';
import {orderPlan} from '../../core/plan/plan.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {counted} from '../../core/text/format.ts';
import {refusal} from '../../core/text/refusal.ts';
import {sendAsPerson} from '../mail/mail.ts';
import type {Room} from '../parts/parts.ts';
import {replan} from '../planning/decision.ts';
import {interrupt} from '../session/interrupt.ts';
import {typeLine} from '../session/line.ts';
import {answerQuestion} from '../session/questions.ts';
import {keepBase, undoBase} from './base.ts';
import {decideAsked} from './decisions.ts';
import {forkTask} from './fork.ts';
import {interruptAll, resumeOnly, stopWhenIdle} from './freeze.ts';
import {addAgent, retireAgent} from './membership.ts';
import {mergeNow, rebuild, revert} from './merge.ts';
import {freeze, pauseAgent, pauseAll, resumeAll} from './pause.ts';
import {free, move, restart, setPriority} from './queue.ts';
import {requestChanges, takeComment} from './review.ts';
import {done, ended, GRACE_MS, noTask, settled, takeBack, untilOver} from './revoke.ts';
import {undecided} from './undecided.ts';

const noAgent = (id: string): ActionResult =>
	refusal('gone', `Unknown agent \`${agentName(id)}\`.`, 'List agents with `agent-room agents`.');

const lowered = (task: NewTask): NewTask => ({...task, id: task.id?.toLowerCase(), after: task.after?.map(id => id.toLowerCase())});

const submit = async ({facts, link}: Pick<Room, 'facts' | 'link'>, task: NewTask): Promise<ActionResult> => {
	const read = readSubmission(lowered(task), submissionRules(facts.config));
	if (!read.ok) return read;
	const result = await link.coordination.submit(read.submission);
	if (result.code !== 'ok') return notSubmitted(result.code, result.id);
	return done(`added ${result.id}`, [result.id]);
};

/** A plan is added whole or not at all: its order, and every task's form, id and dependencies, are checked before. */
const submitAll = async ({facts, link}: Pick<Room, 'facts' | 'link'>, tasks: readonly NewTask[]): Promise<ActionResult> => {
	const order = orderPlan(tasks.map(lowered));
	if (!order.ok) return order;
	const submissions: Submission[] = [];
	for (const task of order.tasks) {
		const read = readSubmission(task, submissionRules(facts.config));
		if (!read.ok) return read;
		submissions.push(read.submission);
	}
	const result = await link.coordination.submitAll(submissions);
	return result.code === 'ok' ? done(`added ${result.ids.length} tasks`, result.ids) : notSubmitted(result.code, result.id);
};

const reassign = async (room: Room, id: string, to: string | undefined): Promise<ActionResult> => {
	await untilOver(room, id);
	const team = room.record.team();
	const task = team.tasks.get(id) ?? (await room.link.coordination.task(id));
	if (task && FINAL_STATES.includes(task.state)) return ended(task);
	if (!task) return noTask(id);
	if (task.decision) return settled(id, 'needs-decision');
	if (task.stage === 'merge' && task.state === 'leased') return settled(id, 'merging');
	if (to === undefined) return takeBack(room, task, {reason: 'unassigned by you'});
	const target = parseAgentId(to);
	const agent = team.agents.get(target);
	if (!agent || agent.status === 'stopped') return noAgent(target);
	if (agent.role !== task.role)
		return refusal('refused', `${agentName(target)} is a ${agent.role}; ${id} needs a ${task.role} now.`, 'Choose another agent.');
	if (task.owner === target) return refusal('refused', `${agentName(target)} already has task ${id}.`, 'Choose another agent.');
	if ((task.stage === 'review' || task.stage === 'audit') && task.authors.includes(target))
		return refusal('refused', `${agentName(target)} is an author of task ${id} and cannot review it.`, 'Choose another agent.');
	return takeBack(room, task, {to: target, reason: `reassigned to ${agentName(target)} by you`});
};

const stopAgent = async (room: Room, id: string, how: 'interrupt' | 'stop' | 'kill'): Promise<ActionResult> => {
	const attempt = room.slots.attempt(id);
	if (!attempt) return refusal('gone', `${agentName(id)} has no task.`, '');
	if (how === 'interrupt') {
		const result = await interrupt(room, attempt);
		if (result.ok) attempt.isInterrupted = true;
		return result;
	}
	if (attempt.isEnding) {
		await attempt.over;
		return done(`${agentName(id)} has ended`);
	}
	const isKill = how === 'kill';
	return takeBack(
		room,
		{id: attempt.task.id, token: attempt.token},
		{reason: isKill ? 'killed by you' : 'stopped by you', graceMs: isKill ? 0 : GRACE_MS},
	);
};

const killAll = async (room: Room): Promise<ActionResult> => {
	const running = room.slots.attempts().map(({agent}) => agent.id);
	await Promise.all(running.map(id => stopAgent(room, id, 'kill')));
	return done(`${running.length} agents were killed; worktrees and commits stay`);
};

/** Ends all unfinished tasks of a task's feature; what is merging now is not stopped. */
const cancelFeature = async ({link, record}: Pick<Room, 'link' | 'record'>, id: string): Promise<ActionResult> => {
	const task = await link.coordination.task(id);
	if (!task || task.feature === '')
		return refusal('gone', `Task \`${id}\` is part of no feature.`, `To cancel it: \`agent-room cancel ${id}\`.`);
	const {feature} = task;
	const all = [...record.team().tasks.values()].filter(other => other.feature === feature && !FINAL_STATES.includes(other.state));
	const words = await Promise.all(all.map(other => link.coordination.cancel(other.id, `${feature} cancelled by you`, '', true)));
	const merging = all.filter((_, at) => words[at] === 'merging').map(other => other.id);
	const left = merging.length > 0 ? `; ${merging.join(', ')} ${merging.length === 1 ? 'is' : 'are'} merging now: too late` : '';
	return done(`cancelled ${counted(words.filter(word => word === 'ok').length, 'task', 'tasks')} of ${feature}${left}`);
};

const cancel = async ({link}: Pick<Room, 'link'>, id: string, by: string | undefined): Promise<ActionResult> => {
	const written = await link.coordination.cancel(id, by ? `superseded by ${by}` : 'cancelled by you', by);
	if (written === 'gathered')
		return refusal(
			'gathered',
			`The work of ${id} is on the branch of its feature with that of other tasks.`,
			`Cancel the whole feature, \`agent-room cancel ${id} --feature\`, or add a task that takes it back.`,
		);
	if (written === 'ok') return done(by ? `${by} replaces ${id}` : `cancelled ${id}`);
	if (written === 'merging') return settled(id, 'merging');
	if (written === 'gone' || by === undefined) return noTask(id);
	if (written === 'unknown')
		return refusal('unknown', `\`${by}\` cannot replace it: no such unfinished task.`, 'List tasks with `agent-room tasks`.');
	if (written === 'cycle') return refusal('cycle', `\`${by}\` depends on \`${id}\` and cannot replace it.`, 'Choose another task.');
	return refusal(
		'many',
		`More than 500 tasks depend on \`${id}\`, or more than 1,000 on its replacement: nothing was changed.`,
		'Cancel it without a replacement.',
	);
};

const retry = async ({link}: Pick<Room, 'link'>, id: string): Promise<ActionResult> =>
	(await link.coordination.retry(id)) === 'ok'
		? done(`${id} is back in the task queue`)
		: refusal('gone', `Cannot retry task \`${id}\`: it has not failed.`, 'List tasks with `agent-room tasks`.');

const unlock = async ({link}: Pick<Room, 'link'>, name: string): Promise<ActionResult> => {
	const written = await link.coordination.unlock({name, token: ''});
	if (written === 'stale')
		return refusal('refused', `\`${name}\` is the lease of a running task.`, 'To take the task back: `agent-room unassign TASK`.');
	return written === 'ok' ? done(`released ${name}`) : refusal('gone', `Unknown lock \`${name}\`.`, 'List locks with `agent-room locks`.');
};

const clearRateLimit = async ({link, record}: Pick<Room, 'link' | 'record'>, account: string): Promise<ActionResult> => {
	if ((await link.coordination.clearRateLimit(account)) === 'ok') return done(`cleared the rate limit of ${account}`);
	const known = record.team().control.rateLimits.map(rateLimit => `\`${rateLimit.account}\``);
	return refusal(
		'gone',
		`Account \`${account}\` is not rate-limited.`,
		known.length > 0 ? `Rate-limited accounts: ${known.join(', ')}.` : '',
	);
};

const setControl = async (
	{link}: Pick<Room, 'link'>,
	fields: {drained?: boolean; budgetMicros?: number; tokenBudget?: number; atBudget?: AtBudget},
	text: string,
): Promise<ActionResult> => {
	await link.coordination.control(fields, text);
	return done(text);
};

const setBudget = async (
	room: Pick<Room, 'facts' | 'link' | 'record'>,
	{micros, tokens, reached}: {micros?: number | undefined; tokens?: number | undefined; reached?: AtBudget | undefined},
): Promise<ActionResult> => {
	const {budget, tokenBudget, atBudget} = room.record.team().control;
	const fields = {
		...(micros === undefined ? {} : {budgetMicros: micros}),
		...(tokens === undefined ? {} : {tokenBudget: tokens}),
		...(reached === undefined ? {} : {atBudget: reached}),
	};
	const set = await setControl(room, fields, budgetText(micros ?? budget, reached ?? atBudget, tokens ?? tokenBudget));
	// A changed file decides again: say so to a human who sets a budget here.
	return set.ok && room.facts.config.budget ? done(`${set.text}. It stays until \`budget\` changes in the configuration`) : set;
};

/** What an order needs from the starter of the room. */
export type Outside = {
	readonly stop: (reason?: string) => void;
	readonly detachAll: () => void;
	readonly reconnect: () => void;
	readonly rebuild: (order: Order<'rebuild'>) => Promise<ActionResult>;
	readonly takeConfig: (order: Order<'take-config'>) => Promise<ActionResult>;
};

/** A task added to a Redis that lost its data could take the id of one that is about to be rebuilt. */
const unlessLost =
	<Given>(does: (room: Room, given: Given) => Promise<ActionResult>) =>
	async (room: Room, given: Given): Promise<ActionResult> => {
		const refused = await undecided(room);
		if (refused) return refused;
		const result = await does(room, given);
		if (result.ok) await room.link.journaled();
		return result;
	};

type Order<Type extends Action['type']> = Extract<Action, {type: Type}>;

const ORDERS: {readonly [Type in Action['type']]: (room: Room, action: Order<Type>, outside: Outside) => Promise<ActionResult>} = {
	'add-task': unlessLost(submit),
	'add-plan': unlessLost((room, {tasks}) => submitAll(room, tasks)),
	'pause-agent': (room, {agent}) => pauseAgent(room, parseAgentId(agent), true),
	'resume-agent': (room, {agent}) => pauseAgent(room, parseAgentId(agent), false),
	'pause-all': pauseAll,
	'resume-all': resumeAll,
	drain: (room, {on}) => setControl(room, {drained: on}, on ? 'draining: no new tasks start' : 'drain ended: tasks start again'),
	freeze: (room, {on}) => freeze(room, on),
	'take-config': (_room, order, {takeConfig}) => takeConfig(order),
	rebuild: (_room, order, {rebuild}) => rebuild(order),
	budget: setBudget,
	'reassign-task': (room, {task, agent}) => reassign(room, task, agent),
	'unassign-task': (room, {task}) => reassign(room, task, undefined),
	'cancel-task': (room, {task, by, isFeature}) => (isFeature ? cancelFeature(room, task) : cancel(room, task, by)),
	'retry-task': (room, {task}) => retry(room, task),
	'restart-task': (room, {task}) => restart(room, task),
	'move-task': (room, {task, before}) => move(room, task, before),
	'set-priority': (room, {task, priority}) => setPriority(room, task, priority),
	comment: takeComment,
	'merge-task': (room, {task}) => mergeNow(room, task),
	'rebuild-task': (room, {task}) => rebuild(room, task),
	'revert-task': (room, {task}) => revert(room, task),
	'unblock-task': (room, {task, without}) => free(room, task.toLowerCase(), without.toLowerCase()),
	approve: decideAsked,
	'undo-base': undoBase,
	'keep-base': keepBase,
	'request-changes': requestChanges,
	replan: unlessLost((room, {feature, text}) => replan(room, feature.toLowerCase(), text)),
	unlock: (room, {name}) => unlock(room, name),
	'clear-rate-limit': (room, {account}) => clearRateLimit(room, account),
	message: (room, {agent, text}) => sendAsPerson(room, agent, text),
	'fork-session': unlessLost(async (room, action) => {
		const made = await forkTask(room, action);
		return 'ok' in made ? made : submit(room, made);
	}),
	'type-line': typeLine,
	'stop-agent': (room, {agent, how}) => stopAgent(room, parseAgentId(agent), how),
	'add-agent': (room, {role, harness}) => addAgent(room, role, harness),
	'retire-agent': (room, {agent}) => retireAgent(room, parseAgentId(agent)),
	'kill-all': killAll,
	answer: answerQuestion,
	'resume-after-freeze': (room, {agents}) => resumeOnly(room, agents),
	'interrupt-all': interruptAll,
	'stop-room': async (room, {how}, {stop}) => {
		if (how === 'turns') return stopWhenIdle(room, stop);
		if (how === 'kill') await killAll(room);
		stop();
		return done('the room is stopping');
	},
	reconnect: async ({link}, _action, {reconnect}) => {
		reconnect();
		return done(link.isConnected() ? 'Redis is connected' : 'reconnecting to Redis now');
	},
	'detach-all': async (_room, _action, {detachAll}) => {
		detachAll();
		return done('all terminals detached; agents keep running');
	},
};

/** Carries out an order of a human or a script. Expected refusals are values; only faults throw. */
export const perform = async <Type extends Action['type']>(room: Room, action: Order<Type>, outside: Outside): Promise<ActionResult> =>
	ORDERS[action.type as Type](room, action, outside);
