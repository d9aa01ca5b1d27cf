import {type Action, type ActionResult, refusal} from '../core/action.ts';
import {agentName, parseAgentId} from '../core/agent.ts';
import type {Engine} from './engine.ts';

/** A question that an agent waits with. */
export type OpenQuestion = {
	readonly id: string;
	readonly agent: string;
	readonly text: string;
	readonly choices: readonly string[];
	readonly answer: (value: {choice: number; text: string}) => void;
};

/** Takes a question off the screen: it was answered, withdrawn, or its agent is gone. */
export const closeQuestion = async (engine: Engine, question: OpenQuestion, text: string): Promise<void> => {
	const attempt = engine.attempts.get(question.agent);
	const status: Record<string, string> = attempt && !attempt.isEnding ? {status: attempt.isPaused ? 'paused' : 'working'} : {};
	if (engine.questions.get(question.agent) !== question) return;
	engine.questions.delete(question.agent);
	if (engine.state.team().agents.get(question.agent)?.questionId !== question.id) return;
	await engine.persist(() =>
		engine.coordination.describe(question.agent, {...status, question: '', choices: '', questionId: '', detail: ''}, text),
	);
};

/**
 * A person's answer. It reaches the agent only while the very question that the person saw is still open: `questionId` changes
 * with every question, so a late key never answers the next one.
 */
export const answerQuestion = async (engine: Engine, action: Extract<Action, {type: 'answer'}>): Promise<ActionResult> => {
	const agent = parseAgentId(action.agent);
	const question = engine.questions.get(agent);
	if (question?.id !== action.questionId) return refusal('changed', `The question of ${agentName(agent)} changed; look again.`, '');
	const chosen = action.choice === undefined ? undefined : question.choices[action.choice - 1];
	if (action.choice !== undefined && chosen === undefined)
		return refusal('bad-request', `There is no choice \`${action.choice}\`.`, `Choose 1 to ${question.choices.length}.`);
	const text = action.text ?? chosen ?? '';
	question.answer({choice: action.choice ?? 0, text});
	await closeQuestion(engine, question, `answered: ${text}`);
	return {ok: true, text: `${agentName(agent)} was answered`};
};
