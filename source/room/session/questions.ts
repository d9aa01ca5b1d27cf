import {agentName, parseAgentId} from '../../core/agent/agent.ts';
import type {Action, ActionResult} from '../../core/protocol/action.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {Attempt, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {withFiles} from './attached.ts';
import {tellStatus} from './status.ts';

const tell = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, agent: string, text: string): Promise<void> => {
	const attempt = room.slots.attempt(agent);
	if (attempt) await tellStatus(room, attempt, text);
};

/** Shows a question to a human; it waits while another of the same agent is open. */
export const openQuestion = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, question: OpenQuestion): Promise<void> => {
	const attempt = room.slots.attempt(question.agent);
	const open = attempt?.questions ?? [];
	if (attempt) attempt.questions = [...open, question];
	if (open.length === 0) await tell(room, question.agent, `needs input: ${question.text}`);
};

/** Removes an open question; false if it was not open. Only the caller that removes it may answer it. */
const takeOut = ({slots}: Pick<Room, 'slots'>, question: OpenQuestion): boolean => {
	const attempt = slots.attempt(question.agent);
	if (!attempt?.questions.includes(question)) return false;
	attempt.questions = attempt.questions.filter(other => other !== question);
	// Waiting for a human was not silence.
	attempt.activeAt = performance.now();
	return true;
};

/** Records the end of a question, and that the next one is asked now. */
const tellNext = (room: Pick<Room, 'facts' | 'link' | 'slots'>, question: OpenQuestion, text: string): Promise<void> => {
	const next = room.slots.attempt(question.agent)?.questions[0];
	return tell(room, question.agent, next ? `${text}; needs input: ${next.text}` : text);
};

/** Removes a question: it was withdrawn, or its agent is gone. */
export const closeQuestion = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, question: OpenQuestion, text: string): Promise<void> => {
	const shown = room.slots.attempt(question.agent)?.questions[0];
	if (takeOut(room, question) && shown === question) await tellNext(room, question, text);
};

/** A text for a running agent with the paths of its files, which are where it may read them from now on. */
const filesFor = ({facts}: Pick<Room, 'facts'>, {files}: Attempt, text: string): string => {
	const given = withFiles(text, facts.options.stateFolder, files);
	given.copy();
	return given.text;
};

/**
 * A human's answer. Guarantee: it reaches the agent only while exactly the question that the human saw is open, and only once: `questionId` changes
 * with every question, so a late key never answers the next one.
 */
export const answerQuestion = async (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	action: Extract<Action, {type: 'answer'}>,
): Promise<ActionResult> => {
	const agent = parseAgentId(action.agent);
	const attempt = room.slots.attempt(agent);
	const question = attempt?.questions[0];
	if (question?.id !== action.questionId) return refusal('changed', `The question of ${agentName(agent)} has changed. Read it again.`, '');
	const chosen = action.choice === undefined ? undefined : question.choices[action.choice - 1];
	if (action.choice !== undefined && chosen === undefined)
		return refusal('bad-request', `Unknown choice \`${action.choice}\`.`, `Choose 1 to ${question.choices.length}.`);
	const text = attempt ? filesFor(room, attempt, action.text ?? chosen ?? '') : '';
	if (!takeOut(room, question)) return refusal('changed', `The question of ${agentName(agent)} has changed. Read it again.`, '');
	const result = await question.answer({choice: action.choice ?? 0, text});
	await tellNext(room, question, result && !result.ok ? `its question was not answered: ${result.message}` : `answered: ${text}`);
	return result ?? {ok: true, text: `answered ${agentName(agent)}`};
};
