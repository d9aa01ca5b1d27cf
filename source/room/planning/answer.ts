import {planMode} from '../../core/config/config.ts';
import {NO_NEW_PLAN, type Plan} from '../../core/plan/plan.ts';
import type {Reply} from '../../core/protocol/request.ts';
import {stageRole} from '../../core/task/stages.ts';
import type {Call, Completion} from '../../core/team/coordination.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt, Judgement, PlanAnswer} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {refuse} from '../parts/replies.ts';
import {type Concluded, concluded} from '../parts/slot.ts';
import {carryOutPlan, checkText, documented} from './plan.ts';
import {readPlanFile} from './workspace.ts';

/** How often an unusable plan is returned; then the feature becomes one task. */
const TRIES_AGAIN = 2;
const LONGEST = 64 * 1024;

/** Answers an orchestrator's plan at once: `ok`, or what is wrong in which line. The last good one counts. */
export const takePlan = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	attempt: Attempt,
	text: string,
): Promise<Reply> => {
	if (attempt.task.stage !== 'plan')
		return refuse(
			'refused',
			`${attempt.task.id} is not a planning task: it is in ${attempt.task.stage}.`,
			'Only an orchestrator can report a plan.',
		);
	const checked = await checkText(room, attempt.task, text);
	if (checked.ok || !attempt.plan?.checked.ok) attempt.plan = {text: text.slice(0, LONGEST), checked};
	if (!checked.ok) return refuse(checked.code, checked.message, 'Fix it and report it again; nothing is lost.');
	return {ok: true, code: 'ok', message: `valid plan: ${checked.plan.tasks.length} tasks. End now.`};
};

/** The plan of an ended orchestrator: its last good report, else its plan file, else its last report. */
export const planAnswer = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	attempt: Attempt,
): Promise<PlanAnswer | undefined> => {
	if (attempt.plan?.checked.ok) return attempt.plan;
	const text = readPlanFile(attempt.workspace);
	return text.trim() === '' ? attempt.plan : {text: text.slice(0, LONGEST), checked: await checkText(room, attempt.task, text)};
};

/** A new plan for a feature that has tasks already: if it fails, they continue, and a human is asked. */
export const isReplan = ({id, feature}: {readonly id: string; readonly feature: string}): boolean => id.startsWith(`${feature}-replan-`);

type Ends = Pick<Completion, 'next' | 'nextRole' | 'word' | 'fields' | 'counts' | 'text'>;

const finish = async ({link}: Pick<Room, 'link'>, attempt: Attempt, nextCall: Call | undefined, ends: Ends): Promise<Concluded> => {
	const {task, token} = attempt;
	const result = await link.retryUntilWritten(() =>
		link.coordination.complete({task: task.id, agent: attempt.agent.id, token, stage: 'plan', delayMs: 0, nextCall, ...ends}),
	);
	if (result.code === 'refused') throw new Error(result.reason);
	return concluded(attempt.agent.id, result, nextCall !== undefined);
};

const ask = (plan: Plan | undefined, waitReason: string, text: string): Ends => ({
	next: 'needs-decision',
	nextRole: '',
	word: 'plan-ready',
	fields: {decision: 'plan', waitReason, proposal: plan ? JSON.stringify(plan) : '', feedback: '', reason: ''},
	counts: 'none',
	text,
});

const again = (attempt: Attempt, text: string, feedback: string): Ends => ({
	next: 'plan',
	nextRole: attempt.task.role,
	word: 'plan-refused',
	fields: {feedback, reason: text, waitReason: ''},
	counts: 'rounds',
	text,
});

/**
 * The orchestrator gave no usable plan, or cannot work: the feature is developed as one task, since the feature matters more than its plan. A
 * feature in progress continues as it is, and a human decides.
 */
const withoutPlan = ({task}: Attempt, why: string): Ends => {
	if (isReplan(task)) return ask(undefined, cleanText(`${NO_NEW_PLAN}: ${why.replace(/\.$/, '')}`, 300), `no new plan: ${why}`);
	return {
		next: 'develop',
		nextRole: stageRole('develop'),
		word: 'planned',
		fields: {feedback: '', reason: '', waitReason: ''},
		counts: 'none',
		text: cleanText(`not split, becomes one task: ${why}`, 300),
	};
};

/**
 * Writes the outcome of a feature's planning; undefined if it is an ordinary failure or release. A plan is carried out in one step, or waits for a
 * human with nothing created. One that the queue refuses counts as unreadable.
 */
export const writePlan = async (
	room: Pick<Room, 'facts' | 'link' | 'record' | 'slots' | 'lifecycle'>,
	attempt: Attempt,
	judgement: Judgement,
	nextCall: Call | undefined,
): Promise<Concluded | undefined> => {
	const {task, token} = attempt;
	const refused = (text: string, feedback: string): Promise<Concluded> =>
		finish(room, attempt, nextCall, task.rounds < TRIES_AGAIN ? again(attempt, text, feedback) : withoutPlan(attempt, text));
	if (judgement.kind === 'complete') return refused(cleanText(judgement.text, 300), judgement.feedback);
	if (judgement.kind === 'fail') {
		const isLast = task.failures + 1 >= task.attempts;
		return isLast ? finish(room, attempt, nextCall, withoutPlan(attempt, cleanText(judgement.reason, 200))) : undefined;
	}
	if (judgement.kind !== 'plan') return undefined;
	const plan = await documented(room, task, judgement.plan);
	if (planMode(room.facts.config) === 'ask')
		return finish(
			room,
			attempt,
			nextCall,
			ask(plan, 'the plan needs your approval', `planned as ${plan.tasks.length} tasks: needs your approval`),
		);
	const done = await carryOutPlan(room, task, plan, {token, agent: attempt.agent.id, text: 'planned'});
	if (done.ok) return {code: 'ok', after: 'idle'};
	return done.code === 'changed' ? {code: 'stale', after: 'idle'} : refused(`invalid plan: ${done.message.split('\n')[0]}`, done.message);
};
