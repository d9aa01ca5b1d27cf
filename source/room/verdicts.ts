import {agentName} from '../core/agent.ts';
import type {Reply, Report, Request} from '../core/protocol.ts';
import {cleanText} from '../terminal/clean.ts';
import type {Attempt} from './attempt.ts';
import type {Engine} from './engine.ts';
import {refuse} from './report-replies.ts';

/** Everybody sees what was tried, in the record and in the agent's row. */
const tell = async (engine: Engine, agent: string, what: string): Promise<void> => {
	engine.log(`${agent} ${what}`);
	engine.panes.get(agent)?.say(`refused: ${what}`);
	await engine.coordination.describe(agent, {doing: what}, what);
};

/**
 * Why a `done` is refused before anything of it is taken; undefined where it is not. A verdict of somebody who writes the task, or has written into
 * it: that is not what keeps an author from approving (the scripts neither hand it a review of its own nor take one from it), but it is said and shown
 * at once. And an end of a review without a verdict, while its reviewer can still give one.
 */
export const refuseDone = async (engine: Engine, attempt: Attempt, report: Extract<Report, {kind: 'done'}>): Promise<Reply | undefined> => {
	const {agent, task} = attempt;
	const isJudging = task.stage === 'review' || task.stage === 'audit';
	if (report.verdict === undefined)
		return isJudging
			? refuse(
					'bad-request',
					`The ${task.stage} of ${task.id} needs a verdict.`,
					'--verdict approve, or --verdict changes --comments FILE.',
				)
			: undefined;
	const isAuthor = task.author === agent.id || task.authors.includes(agent.id);
	if (isJudging && !isAuthor) return undefined;
	await tell(engine, agent.id, `tried to judge its own work on ${task.id}: refused`);
	return refuse(
		'refused',
		`${agentName(agent.id)} works on ${task.id} itself and cannot judge it.`,
		'Hand it in with `agent-room report done`; somebody else reviews it.',
	);
};

/** A report in another agent's name, under the token of its own attempt: nothing is taken of it, and everybody sees who it was. */
export const tellForgery = async (engine: Engine, request: Extract<Request, {op: 'report'}>): Promise<void> => {
	const speaker = [...engine.attempts.values()].find(({token}) => token === request.token);
	if (!speaker || speaker.agent.id === request.agent) return;
	await tell(engine, speaker.agent.id, `spoke in the name of ${cleanText(agentName(request.agent), 60)}: refused`);
};
