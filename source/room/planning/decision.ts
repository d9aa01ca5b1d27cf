import {submissionRules} from '../../core/config/config.ts';
import {notSubmitted, readSubmission} from '../../core/intake/submission.ts';
import {readProposal} from '../../core/plan/plan.ts';
import {planText} from '../../core/plan/yaml.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {FINAL_STATES, type NeededDecision, type Task, type WholeTask} from '../../core/task/task.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';
import {isReplan} from './answer.ts';
import {carryOutPlan, checkProposal, checkText, type PlanRoom, planningTeam} from './plan.ts';

export type Word = Extract<Action, {type: 'approve' | 'request-changes'}>;

export const nothingAsked = (id: string, task: WholeTask | undefined): Refusal =>
	task
		? refusal('changed', `Task \`${task.id}\` is not waiting for approval.`, 'See `agent-room status`.')
		: refusal('gone', `Unknown task \`${id}\`.`, 'List tasks with `agent-room tasks`.');

const rejected = (reason: string, {proposal}: WholeTask): string => {
	const plan = readProposal(proposal);
	return [`A human requested changes to the plan:`, '', reason, ...(plan ? ['', 'The plan was:', '', planText(plan)] : [])].join('\n');
};

/**
 * A human's decision on a proposed plan. Accepted, as it is or edited, its tasks are created in one step; two humans who accept at once create them
 * once. Rejected, it returns to the orchestrator with the comment.
 */
export const decidePlan = async (room: PlanRoom, task: WholeTask, word: Word): Promise<ActionResult> => {
	if (word.type === 'approve') {
		const checked = word.plan === undefined ? await checkProposal(room, task) : await checkText(room, task, word.plan);
		if (!checked.ok) return checked;
		const isEdited = word.plan !== undefined;
		const text = isEdited ? 'edited and approved by you' : 'approved by you';
		return carryOutPlan(room, task, checked.plan, {token: '', agent: '', text});
	}
	const reason = word.reason.trim();
	if (reason === '') return refusal('bad-request', 'Missing reason.', 'Say what the plan should change.');
	const written = await room.link.retryUntilWritten(() =>
		room.link.coordination.decide({
			task: task.id,
			decision: 'plan',
			next: 'plan',
			nextRole: task.role,
			fields: {feedback: rejected(reason, task), reason: 'changes to the plan requested by you'},
			text: `changes requested: ${reason.split('\n')[0] ?? ''}`,
		}),
	);
	room.lifecycle.requestTick();
	return written === 'ok'
		? {ok: true, text: `replanning ${task.feature}`}
		: refusal('changed', `The plan of ${task.feature} was already decided.`, 'See `agent-room status`.');
};

/** A new plan for a running feature, made by an orchestrator as a task of it. Running work continues. */
export const replan = async (room: PlanRoom, feature: string, text: string): Promise<ActionResult> => {
	const tasks = await room.link.coordination.tasksOf(feature);
	if (tasks.length === 0)
		return refusal('gone', `Unknown feature \`${feature}\`.`, 'See `agent-room status`, or add one with `agent-room add --feature TITLE`.');
	const planned = tasks.find(task => task.stage === 'plan' && !FINAL_STATES.includes(task.state));
	if (planned?.decision === 'plan')
		return refusal(
			'refused',
			`The plan \`${planned.id}\` already needs your approval.`,
			`To replan it: \`agent-room request-changes ${planned.id} --reason TEXT\`.`,
		);
	if (planned)
		return refusal(
			'refused',
			`Feature \`${feature}\` is already being planned (\`${planned.id}\`).`,
			`To stop that: \`agent-room cancel ${planned.id}\`.`,
		);
	if (!planningTeam(room).some(({role}) => role === 'orchestrator'))
		return refusal('refused', 'The team has no orchestrator.', 'Add one to `team:` in agent-room.yaml, or add tasks with `--of`.');
	const first = tasks.find(task => task.id === feature);
	const read = readSubmission(
		{
			id: `${feature}-replan-${tasks.filter(isReplan).length + 1}`,
			title: `Replan: ${first?.title ?? feature}`.slice(0, 300),
			description: text,
			role: 'orchestrator',
			priority: first?.priority ?? 50,
			of: feature,
		},
		submissionRules(room.facts.config),
	);
	if (!read.ok) return read;
	const result = await room.link.coordination.submit(read.submission);
	return result.code === 'ok' ? {ok: true, text: `replanning ${feature}`, ids: [result.id]} : notSubmitted(result.code, result.id);
};

/** The decision that a task needs, or needed until a run gave it up because no human was there. */
export const askedOf = ({state, decision, refused}: Task): NeededDecision | '' =>
	state === 'failed' ? refused : FINAL_STATES.includes(state) ? '' : decision;

/** A task about to be decided: one that was given up asks again first, so that a late decision still counts. */
export const reopened = async ({coordination}: PlanRoom['link'], task: WholeTask): Promise<WholeTask> => {
	if (task.state !== 'failed' || task.refused === '') return task;
	await coordination.retry(task.id);
	return (await coordination.task(task.id)) ?? task;
};

/** The same where no room runs: only plans can be decided then, since other decisions need a room. */
export const decideOffline = async (room: PlanRoom, action: Word | Extract<Action, {type: 'replan'}>): Promise<ActionResult> => {
	if (action.type === 'replan') return replan(room, action.feature, action.text);
	const task = await room.link.coordination.task(action.task);
	if (task && askedOf(task) === 'plan') return decidePlan(room, await reopened(room.link, task), action);
	return task && askedOf(task) !== ''
		? refusal('no-room', 'No room is running here.', 'Start one with `agent-room`.')
		: nothingAsked(action.task, task);
};
