import {submissionRules} from '../../core/config/config.ts';
import {notSubmitted, readSubmission} from '../../core/intake/submission.ts';
import {readProposal} from '../../core/plan/plan.ts';
import {planText} from '../../core/plan/yaml.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {FINAL_STATES, type WholeTask} from '../../core/task/task.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';
import {isReplan} from './answer.ts';
import {carryOutPlan, checkProposal, checkText, type PlanRoom, planningTeam} from './plan.ts';

/** A person's word on what a task asks. */
export type Word = Extract<Action, {type: 'approve' | 'request-changes'}>;

export const nothingAsked = (id: string, task: WholeTask | undefined): Refusal =>
	task
		? refusal('changed', `${task.id} asks nothing.`, '`agent-room status` shows what waits for you.')
		: refusal('gone', `There is no task \`${id}\`.`, '`agent-room tasks` lists them.');

const rejected = (reason: string, {proposal}: WholeTask): string => {
	const plan = readProposal(proposal);
	return [`A person rejected the plan:`, '', reason, ...(plan ? ['', 'The plan was:', '', planText(plan)] : [])].join('\n');
};

/**
 * A person's word on a proposed plan. Accepted, as it is or edited, its tasks are created in one step; two persons who accept at once create
 * them once. Rejected, it goes back to the orchestrator with the words.
 */
export const decidePlan = async (room: PlanRoom, task: WholeTask, word: Word): Promise<ActionResult> => {
	if (word.type === 'approve') {
		const checked = word.plan === undefined ? await checkProposal(room, task) : await checkText(room, task, word.plan);
		if (!checked.ok) return checked;
		const isEdited = word.plan !== undefined;
		const text = isEdited ? 'edited and accepted by a person' : 'accepted by a person';
		return carryOutPlan(room, task, checked.plan, {token: '', agent: '', text});
	}
	const reason = word.reason.trim();
	if (reason === '') return refusal('bad-request', 'A plan is rejected with words.', 'Say what should be different.');
	const written = await room.link.retryUntilWritten(() =>
		room.link.coordination.decide({
			task: task.id,
			decision: 'plan',
			next: 'plan',
			nextRole: task.role,
			fields: {feedback: rejected(reason, task), reason: 'the plan was rejected by a person'},
			text: `plan rejected: ${reason.split('\n')[0] ?? ''}`,
		}),
	);
	room.lifecycle.requestTick();
	return written === 'ok'
		? {ok: true, text: `${task.feature} is planned again`}
		: refusal('changed', `The plan of ${task.feature} was decided already.`, 'Look again.');
};

/** A new plan for a running feature: a task of it that an orchestrator takes. What is at work goes on meanwhile. */
export const replan = async (room: PlanRoom, feature: string, text: string): Promise<ActionResult> => {
	const tasks = await room.link.coordination.tasksOf(feature);
	if (tasks.length === 0)
		return refusal(
			'gone',
			`There is no feature \`${feature}\`.`,
			'`agent-room status` lists them; `agent-room add --feature TITLE` makes one.',
		);
	const planned = tasks.find(task => task.stage === 'plan' && !FINAL_STATES.includes(task.state));
	if (planned?.decision === 'plan')
		return refusal(
			'refused',
			`The plan \`${planned.id}\` waits for you already.`,
			`\`agent-room request-changes ${planned.id} --reason TEXT\` has it planned again.`,
		);
	if (planned)
		return refusal(
			'refused',
			`\`${feature}\` is being planned already (\`${planned.id}\`).`,
			`\`agent-room cancel ${planned.id}\` ends that.`,
		);
	if (!planningTeam(room).some(({role}) => role === 'orchestrator'))
		return refusal('refused', 'Nobody in the team is an orchestrator.', 'Add one to `team:` in agent-room.yaml, or add tasks with `--of`.');
	const first = tasks.find(task => task.id === feature);
	const read = readSubmission(
		{
			id: `${feature}-replan-${tasks.filter(isReplan).length + 1}`,
			title: `Plan anew: ${first?.title ?? feature}`.slice(0, 300),
			description: text,
			role: 'orchestrator',
			priority: first?.priority ?? 50,
			of: feature,
		},
		submissionRules(room.facts.config),
	);
	if (!read.ok) return read;
	const result = await room.link.coordination.submit(read.submission);
	return result.code === 'ok' ? {ok: true, text: `${feature} is planned anew`, ids: [result.id]} : notSubmitted(result.code, result.id);
};

/** The same where no room runs: plans alone can be decided then, for what follows of the others is a room's. */
export const decideOffline = async (room: PlanRoom, action: Word | Extract<Action, {type: 'replan'}>): Promise<ActionResult> => {
	if (action.type === 'replan') return replan(room, action.feature, action.text);
	const task = await room.link.coordination.task(action.task);
	if (task?.decision === 'plan' && !FINAL_STATES.includes(task.state)) return decidePlan(room, task, action);
	return task && task.decision !== ''
		? refusal('no-room', 'No room is running here.', '`agent-room` opens one.')
		: nothingAsked(action.task, task);
};
