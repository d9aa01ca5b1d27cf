import {hasDocuments, submissionRules} from '../../core/config/config.ts';
import {readSubmission, type Submission} from '../../core/intake/submission.ts';
import {asked, checkPlan, type PlanFacts} from '../../core/plan/check.ts';
import {documentNames, withDocuments} from '../../core/plan/documentation.ts';
import {type Plan, readProposal} from '../../core/plan/plan.ts';
import {badPlan, readPlan} from '../../core/plan/read.ts';
import type {LineOf} from '../../core/plan/yaml.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import {taskLine} from '../../core/protocol/output.ts';
import type {PlanLine} from '../../core/protocol/output-schema.ts';
import type {RoomFacts} from '../../core/queue/why.ts';
import {FINAL_STATES, parseTask, type Task, type WholeTask} from '../../core/task/task.ts';
import {type Refusal, refusal} from '../../core/text/refusal.ts';
import type {CheckedPlan} from '../parts/attempt.ts';
import type {Facts, Lifecycle, Link} from '../parts/parts.ts';
import type {RoomState} from '../parts/state.ts';

/** What planning needs of a room; a command provides it if none runs. */
export type PlanRoom = {
	readonly facts: Pick<Facts, 'config' | 'roomId'>;
	readonly link: Pick<Link, 'coordination' | 'retryUntilWritten'>;
	readonly record: Pick<RoomState, 'team'>;
	readonly slots: {readonly team: () => PlanFacts['team']};
	readonly lifecycle: Pick<Lifecycle, 'requestTick'>;
};

/** From this many features on a room does not know all of them. */
const FEATURES_KNOWN = 100;

/** The team against which plans are checked: ours as configured, and members of other rooms. */
export const planningTeam = ({slots, record, facts}: PlanRoom): PlanFacts['team'] => [
	...slots.team(),
	...[...record.team().agents.values()].filter(
		agent => agent.room !== facts.roomId && agent.status !== 'stopped' && agent.status !== 'unreachable',
	),
];

const factsFor = async (room: PlanRoom, task: Task, plan: Plan): Promise<PlanFacts> => {
	const team = room.record.team();
	const [read, ofFeature] = await Promise.all([
		room.link.coordination.read([...asked(plan, task.feature), ...documentNames(task.feature)]),
		room.link.coordination.tasksOf(task.feature),
	]);
	return {
		feature: task.feature,
		planTask: task.id,
		tasks: new Map([...read].map(([id, fields]) => [id, parseTask(id, fields)])),
		ofFeature: ofFeature.filter(other => other.stage !== 'plan' && other.state !== 'planned'),
		features: new Set(team.features.keys()),
		hasMore: team.features.size >= FEATURES_KNOWN,
		team: planningTeam(room),
		others: [...team.tasks.values()].filter(other => other.feature !== task.feature && !FINAL_STATES.includes(other.state)),
	};
};

const check = async (room: PlanRoom, task: Task, plan: Plan, lineOf?: LineOf): Promise<CheckedPlan> => {
	const checked = checkPlan(plan, await factsFor(room, task, plan), lineOf);
	return checked.ok ? checked : badPlan(checked.problems);
};

/** Checks a plan written for this task: its form, and against team and queue. */
export const checkText = async (room: PlanRoom, task: WholeTask, text: string): Promise<CheckedPlan> => {
	const read = readPlan(text, {priority: task.priority, roles: room.facts.config.roles});
	return read.ok ? check(room, task, read.plan, read.lineOf) : badPlan(read.problems);
};

/** The plan that a task waits with, checked against the present team and queue. */
export const checkProposal = async (room: PlanRoom, task: WholeTask): Promise<CheckedPlan> => {
	const plan = readProposal(task.proposal);
	return plan
		? check(room, task, plan)
		: refusal('bad-plan', `Task ${task.id} has no plan to approve.`, `Give it one: \`agent-room approve ${task.id} --plan FILE\`.`);
};

/** Adds a last task that documents the feature, if the team writes documentation. A human sees it, and may remove it. */
export const documented = async (room: PlanRoom, task: WholeTask, plan: Plan): Promise<Plan> =>
	hasDocuments(room.facts.config) ? withDocuments(plan, await factsFor(room, task, plan), task) : plan;

const submissions = (room: PlanRoom, task: Task, plan: Plan): readonly Submission[] | Refusal => {
	const all: Submission[] = [];
	for (const planned of plan.tasks) {
		const read = readSubmission({...planned, of: task.feature}, {...submissionRules(room.facts.config), plan: 'off'});
		if (!read.ok) return read;
		all.push(read.submission);
	}
	return all;
};

/** Ids may be taken between the check and the write: how often to try again. */
const TRIES = 3;

const inWords = (plan: Plan): string => {
	const parts = [
		plan.tasks.length === 1 ? '1 task' : plan.tasks.length > 0 ? `${plan.tasks.length} tasks` : '',
		plan.cancel.length > 0 ? `${plan.cancel.length} cancelled` : '',
	];
	return parts.filter(Boolean).join(', ');
};

const refused = (code: 'unknown' | 'cycle' | 'merging' | 'gathered' | 'many' | 'exists', id: string): Refusal => {
	const words = {
		unknown: `\`${id}\` does not exist or cannot be cancelled.`,
		cycle: `these tasks depend on each other: \`${id.replaceAll(',', ' → ')}\`.`,
		merging: `\`${id}\` is merging and cannot be cancelled.`,
		gathered: `the work of \`${id}\` is on the branch of its feature with that of other tasks.`,
		many: 'too many tasks at once.',
		exists: `task id \`${id}\` is already in use.`,
	};
	return refusal('bad-plan', words[code]);
};

/**
 * Creates the tasks of a plan and cancels those it leaves out, in the one step that ends its planning. Guarantee: all of it or nothing, and once,
 * even if asked twice. With `token` '' it is a human's decision on a waiting task, else under the orchestrator's lease.
 */
export const carryOutPlan = async (
	room: PlanRoom,
	task: WholeTask,
	given: Plan,
	by: {readonly token: string; readonly agent: string; readonly text: string},
): Promise<ActionResult> => {
	let plan = given;
	for (let tries = 1; ; tries++) {
		const tasks = submissions(room, task, plan);
		if ('ok' in tasks) return tasks;
		const order = {task: task.id, token: by.token, agent: by.agent, cancel: plan.cancel, tasks, text: `${by.text}: ${inWords(plan)}`};
		const written = await room.link.retryUntilWritten(() => room.link.coordination.plan(order));
		if (written.code === 'ok') {
			room.lifecycle.requestTick();
			return {ok: true, text: `${task.feature}: ${inWords(plan)}`, ids: written.ids};
		}
		if (!('id' in written)) return refusal('changed', `The plan of ${task.feature} was already decided.`, 'See `agent-room status`.');
		if (written.code !== 'exists' || tries === TRIES) return refused(written.code, written.id);
		const again = await check(room, task, plan);
		if (!again.ok) return again;
		({plan} = again);
	}
};

const isPlanning = ({stage, state}: Task): boolean => stage === 'plan' || state === 'planned';

/** Also if a run gave it up because no human was there: the plan can still be approved. */
const asksPlan = ({decision, state, refused}: Task): boolean => decision === 'plan' || (state === 'failed' && refused === 'plan');

const stateOf = (task: Task | undefined): PlanLine['state'] => {
	if (!task) return 'none';
	if (asksPlan(task)) return 'needs-decision';
	if (task.state === 'planned') return 'planned';
	return FINAL_STATES.includes(task.state) ? 'ended' : 'planning';
};

/** The plan of a feature and its state; `id` is the feature or any task of it. Undefined if there is no such feature. */
export const lookAtPlan = async (room: PlanRoom, id: string, now: number, facts: RoomFacts): Promise<PlanLine | undefined> => {
	const named = await room.link.coordination.task(id);
	const feature = named?.feature || id;
	const tasks = await room.link.coordination.tasksOf(feature);
	if (tasks.length === 0) return undefined;
	const plans = tasks.filter(isPlanning);
	// The one that waits for a human; else the newest that was not cancelled or failed.
	const planned = plans.findLast(asksPlan) ?? plans.findLast(({state}) => state !== 'cancelled' && state !== 'failed') ?? plans.at(-1);
	const whole = planned && (await room.link.coordination.task(planned.id));
	const team = room.record.team();
	return {
		feature,
		title: tasks.find(task => task.id === feature)?.title ?? planned?.title ?? '',
		planTask: planned?.id ?? '',
		state: stateOf(planned),
		waitReason: planned?.waitReason ?? '',
		proposal: (whole && readProposal(whole.proposal)) ?? null,
		tasks: tasks.filter(task => !isPlanning(task)).map(task => taskLine(task, team, now, facts)),
	};
};
