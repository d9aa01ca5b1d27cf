import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import {submissionRules} from '../../core/config/config.ts';
import {type AtBudget, budgetText} from '../../core/cost/budget.ts';
import type {NewTask} from '../../core/intake/new-task.ts';
import {notSubmitted, readSubmission, type Submission} from '../../core/intake/submission.ts';
import {orderPlan} from '../../core/plan/plan.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {stageRole} from '../../core/task/stages.ts';
import {FINAL_STATES} from '../../core/task/task.ts';
import {refusal} from '../../core/text/refusal.ts';
import {forgive} from '../attempt/finish.ts';
import {sendAsPerson} from '../mail/mail.ts';
import type {Engine} from '../parts/parts.ts';
import {replan} from '../planning/decision.ts';
import {interrupt} from '../session/interrupt.ts';
import {answerQuestion} from '../session/questions.ts';
import {statusOf} from '../session/status.ts';
import {keepBase, undoBase} from './base.ts';
import {decideAsked} from './decisions.ts';
import {freeze, freezeText, interruptAll, resumeOnly, windDown} from './freeze.ts';
import {addAgent, retireAgent} from './membership.ts';
import {mergeNow, rebuild, revert} from './merge.ts';
import {free, move, prioritise, retry} from './queue.ts';
import {bounce, takeRemark} from './review.ts';
import {done, ended, GRACE_MS, noTask, settled, takeBack, untilOver} from './withdraw.ts';

const noAgent = (id: string): ActionResult => refusal('gone', `There is no agent \`${agentName(id)}\`.`, '`agent-room agents` lists them.');

const lowered = (task: NewTask): NewTask => ({...task, id: task.id?.toLowerCase(), after: task.after?.map(id => id.toLowerCase())});

const submit = async (engine: Engine, task: NewTask): Promise<ActionResult> => {
	const read = readSubmission(lowered(task), submissionRules(engine.config));
	if (!read.ok) return read;
	const result = await engine.coordination.submit(read.submission);
	if (result.code !== 'ok') return notSubmitted(result.code, result.id);
	return done(`added ${result.id}`, [result.id]);
};

/** A plan goes into the queue whole or not at all: its order, every task's form, ids and dependencies are checked before. */
const submitAll = async (engine: Engine, tasks: readonly NewTask[]): Promise<ActionResult> => {
	const order = orderPlan(tasks.map(lowered));
	if (!order.ok) return order;
	const submissions: Submission[] = [];
	for (const task of order.tasks) {
		const read = readSubmission(task, submissionRules(engine.config));
		if (!read.ok) return read;
		submissions.push(read.submission);
	}
	const result = await engine.coordination.submitAll(submissions);
	return result.code === 'ok' ? done(`added ${result.ids.length} tasks`, result.ids) : notSubmitted(result.code, result.id);
};

const reassign = async (engine: Engine, id: string, to: string | undefined): Promise<ActionResult> => {
	await untilOver(engine, id);
	const team = engine.state.team();
	const task = team.tasks.get(id) ?? (await engine.coordination.task(id));
	if (task && FINAL_STATES.includes(task.state)) return ended(task);
	if (!task) return noTask(id);
	if (task.asks) return settled(id, 'asks');
	if (task.stage === 'merge' && task.state === 'leased') return settled(id, 'landing');
	if (to === undefined) return takeBack(engine, task, {reason: 'handed back by a person'});
	const target = parseAgentId(to);
	const agent = team.agents.get(target);
	if (!agent || agent.status === 'stopped') return noAgent(target);
	if (agent.role !== task.role)
		return refusal('refused', `${agentName(target)} is a ${agent.role}; ${id} needs a ${task.role} now.`, 'Choose another agent.');
	if (task.owner === target) return refusal('refused', `${agentName(target)} has ${id} already.`, 'Choose another agent.');
	if ((task.stage === 'review' || task.stage === 'audit') && task.authors.includes(target))
		return refusal('refused', `${agentName(target)} wrote ${id} and cannot review it.`, 'Choose another agent.');
	return takeBack(engine, task, {to: target, reason: `reassigned to ${agentName(target)} by a person`});
};

const pauseAgent = async (engine: Engine, id: string, isOn: boolean): Promise<ActionResult> => {
	const agent = engine.state.team().agents.get(id);
	if (!agent) return noAgent(id);
	const attempt = engine.slots.attempt(id);
	const goingOn = attempt ? statusOf(attempt, {isPaused: false}) : agent.task === '' ? 'idle' : 'working';
	const status = isOn ? 'paused' : goingOn;
	if (!isOn) {
		if (engine.state.team().control.brakes.some(({account}) => account === agent.account)) await engine.coordination.unbrake(agent.account);
		forgive(engine, id);
	}
	await engine.coordination.describe(
		id,
		{paused: isOn ? '1' : '0', status, reason: isOn ? 'paused by you' : ''},
		isOn ? 'paused by you' : 'resumed by you',
	);
	const merges = agent.role === stageRole('merge') ? `: merges ${isOn ? 'are held' : 'go on'}` : '';
	return done(`${agentName(id)} ${isOn ? 'is paused' : 'goes on'}${merges}`);
};

/** That all go on, and who does not: whoever was paused by name. */
const goesOn = (engine: Engine): string => {
	const names = [...engine.state.team().agents.values()].filter(agent => agent.paused).map(({id}) => agentName(id));
	const [first] = names;
	return first === undefined
		? 'all agents go on'
		: `all agents go on but ${names.join(', ')}, paused by name: \`agent-room resume ${first}\``;
};

const stopAgent = async (engine: Engine, id: string, how: 'interrupt' | 'stop' | 'kill'): Promise<ActionResult> => {
	const attempt = engine.slots.attempt(id);
	if (!attempt) return refusal('gone', `${agentName(id)} is not working on anything.`, '');
	if (how === 'interrupt') return interrupt(engine, attempt);
	if (attempt.isEnding) {
		await attempt.over;
		return done(`${agentName(id)} has ended`);
	}
	const isKill = how === 'kill';
	return takeBack(
		engine,
		{id: attempt.task.id, token: attempt.token},
		{reason: isKill ? 'killed by a person' : 'stopped by a person', graceMs: isKill ? 0 : GRACE_MS},
	);
};

const killAll = async (engine: Engine): Promise<ActionResult> => {
	const running = engine.slots.attempts().map(({agent}) => agent.id);
	await Promise.all(running.map(id => stopAgent(engine, id, 'kill')));
	return done(`${running.length} agents were killed; worktrees and commits stay`);
};

const cancel = async (engine: Engine, id: string, by: string | undefined): Promise<ActionResult> => {
	const written = await engine.coordination.cancel(id, by ? `superseded by ${by}` : 'cancelled by a person', by);
	if (written === 'ok') return done(by ? `${by} takes the place of ${id}` : `${id} is cancelled`);
	if (written === 'landing') return settled(id, 'landing');
	if (written === 'gone' || by === undefined) return noTask(id);
	if (written === 'unknown')
		return refusal(
			'unknown',
			`\`${by}\` cannot take its place: it does not exist or is not going on.`,
			'`agent-room tasks` lists what there is.',
		);
	if (written === 'cycle')
		return refusal('cycle', `\`${by}\` waits for \`${id}\` itself and cannot take its place.`, 'Choose a task that does not.');
	return refusal(
		'many',
		`More than 500 tasks wait for \`${id}\`, or its successor for more than 1,000: none was moved.`,
		'Cancel it without a successor.',
	);
};

const requeue = async (engine: Engine, id: string): Promise<ActionResult> =>
	(await engine.coordination.requeue(id)) === 'ok'
		? done(`${id} is queued again`)
		: refusal('gone', `\`${id}\` is not a dead letter.`, '`agent-room tasks` lists them.');

const unlock = async (engine: Engine, name: string): Promise<ActionResult> => {
	const written = await engine.coordination.unlock({name, token: ''});
	if (written === 'stale')
		return refusal('refused', `\`${name}\` is the lease of a task at work.`, '`agent-room release TASK` takes the task back.');
	return written === 'ok'
		? done(`${name} is unlocked`)
		: refusal('gone', `There is no lock \`${name}\`.`, '`agent-room locks` lists them.');
};

const unbrake = async ({coordination, state}: Engine, account: string): Promise<ActionResult> => {
	if ((await coordination.unbrake(account)) === 'ok') return done(`${account} waits no longer`);
	const known = state.team().control.brakes.map(brake => `\`${brake.account}\``);
	return refusal('gone', `No account \`${account}\` waits.`, known.length > 0 ? `Those that do: ${known.join(', ')}.` : '');
};

const setControl = async (
	engine: Engine,
	fields: {paused?: boolean; drained?: boolean; frozen?: boolean; budgetMicros?: number; atBudget?: AtBudget},
	text: string,
): Promise<ActionResult> => {
	if (fields.frozen === false && engine.isRecovering()) await engine.acceptData();
	await engine.coordination.control(fields, text);
	return done(text);
};

const setBudget = (
	engine: Engine,
	{micros, reached}: {micros?: number | undefined; reached?: AtBudget | undefined},
): Promise<ActionResult> => {
	const {budget, atBudget} = engine.state.team().control;
	const fields = {...(micros === undefined ? {} : {budgetMicros: micros}), ...(reached === undefined ? {} : {atBudget: reached})};
	return setControl(engine, fields, budgetText(micros ?? budget, reached ?? atBudget));
};

/** Carries out what a person or a script asked for. Expected refusals are values; only a broken part throws. */
export const perform = async (
	engine: Engine,
	action: Action,
	room: {stop: (reason?: string) => void; detachAll: () => void; reconnect: () => void},
): Promise<ActionResult> => {
	switch (action.type) {
		case 'add-task':
			return submit(engine, action);
		case 'add-plan':
			return submitAll(engine, action.tasks);
		case 'pause-agent':
			return pauseAgent(engine, parseAgentId(action.agent), true);
		case 'resume-agent':
			return pauseAgent(engine, parseAgentId(action.agent), false);
		case 'pause-all':
			return setControl(engine, {paused: true}, 'all agents are paused');
		case 'resume-all':
			return freeze(engine, false, () => setControl(engine, {paused: false, frozen: false}, goesOn(engine)));
		case 'drain':
			return setControl(engine, {drained: action.on}, action.on ? 'draining: no new work is handed out' : 'new work is handed out again');
		case 'freeze':
			return freeze(engine, action.on, isFrozen => setControl(engine, {frozen: isFrozen}, freezeText(isFrozen)));
		case 'budget':
			return setBudget(engine, action);
		case 'reassign-task':
			return reassign(engine, action.task, action.agent);
		case 'release-task':
			return reassign(engine, action.task, undefined);
		case 'cancel-task':
			return cancel(engine, action.task, action.by);
		case 'requeue-task':
			return requeue(engine, action.task);
		case 'retry-task':
			return retry(engine, action.task);
		case 'move-task':
			return move(engine, action.task, action.before);
		case 'prioritise-task':
			return prioritise(engine, action.task, action.priority);
		case 'remark':
			return takeRemark(engine, action);
		case 'merge-task':
			return mergeNow(engine, action.task);
		case 'rebuild-task':
			return rebuild(engine, action.task);
		case 'revert-task':
			return revert(engine, action.task);
		case 'free-task':
			return free(engine, action.task.toLowerCase(), action.without.toLowerCase());
		case 'accept':
		case 'reject':
			return decideAsked(engine, action);
		case 'undo-base':
			return undoBase(engine);
		case 'keep-base':
			return keepBase(engine);
		case 'bounce-task':
			return bounce(engine, action.task, action.reason);
		case 'replan':
			return replan(engine, action.feature.toLowerCase(), action.text);
		case 'unlock':
			return unlock(engine, action.name);
		case 'unbrake':
			return unbrake(engine, action.account);
		case 'message':
			return sendAsPerson(engine, action.agent, action.text);
		case 'stop-agent':
			return stopAgent(engine, parseAgentId(action.agent), action.how);
		case 'add-agent':
			return addAgent(engine, action.role, action.harness);
		case 'retire-agent':
			return retireAgent(engine, parseAgentId(action.agent));
		case 'kill-all':
			return killAll(engine);
		case 'answer':
			return answerQuestion(engine, action);
		case 'resume-only':
			return resumeOnly(engine, action.agents);
		case 'interrupt-all':
			return interruptAll(engine);
		case 'stop-room':
			if (action.how === 'turns') return windDown(engine, room.stop);
			if (action.how === 'kill') await killAll(engine);
			room.stop();
			return done('the room is stopping');
		case 'reconnect':
			room.reconnect();
			return done(engine.isConnected() ? 'Redis is there' : 'Redis is asked again now');
		case 'detach-all':
			room.detachAll();
			return done('every terminal is sent home; the team works on');
	}
};
