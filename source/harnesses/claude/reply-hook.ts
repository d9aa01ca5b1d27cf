import type {HookDecision} from '../cli.ts';
import {field, listField, textField} from '../fields.ts';
import {ANSWER, ASKING} from './question.ts';
import {suggestionsFor} from './suggestions.ts';

const permission = (decision: object): string => JSON.stringify({hookSpecificOutput: {hookEventName: 'PermissionRequest', decision}});

/** One question that is answered by a word is answered as its dialog would; all else is told in words. */
const answered = (payload: unknown, text: string): object | undefined => {
	const questions = listField(payload, 'tool_input', 'questions');
	const question = textField(questions[0], 'question');
	if (textField(payload, 'tool_name') !== ASKING || questions.length !== 1 || question === undefined) return undefined;
	if (!text.startsWith(ANSWER)) return undefined;
	const input = field(payload, 'tool_input');
	return typeof input === 'object' ? {...input, answers: {[question]: text.slice(ANSWER.length)}} : undefined;
};

const decide = (decision: HookDecision, payload: unknown): string => {
	if (decision.kind === 'allow') return permission({behavior: 'allow'});
	if (decision.kind === 'always') return permission({behavior: 'allow', updatedPermissions: suggestionsFor(payload)});
	if (decision.kind !== 'deny') return '';
	const updatedInput = answered(payload, decision.text);
	if (updatedInput) return permission({behavior: 'allow', updatedInput});
	return permission({behavior: 'deny', message: decision.text === '' ? 'The person who was asked said no.' : decision.text});
};

/** Says no before anything is done, and ends the turn: what an agent hears whose task is somebody else's. */
const stop = (event: string, text: string): string =>
	JSON.stringify({
		continue: false,
		stopReason: text,
		...(event === 'PreToolUse'
			? {hookSpecificOutput: {hookEventName: event, permissionDecision: 'deny', permissionDecisionReason: text}}
			: {}),
	});

const STOPPED_BY = ['UserPromptSubmit', 'PreToolUse', 'PostToolUse', 'PostToolUseFailure'];

/** Hooks that can tell the model something beside what it does. */
const TELLING = ['UserPromptSubmit', 'PostToolUse', 'PostToolUseFailure'];

/** What a hook prints to tell the decision. `always` holds for the session and is written nowhere. */
export const replyHook = (event: string, decision: HookDecision, payload: unknown): string => {
	if (event === 'PermissionRequest') return decide(decision, payload);
	if (event === 'Stop' && decision.kind === 'go-on') return JSON.stringify({decision: 'block', reason: decision.text});
	if (decision.kind === 'tell' && TELLING.includes(event))
		return JSON.stringify({hookSpecificOutput: {hookEventName: event, additionalContext: decision.text}});
	if (decision.kind === 'deny' && STOPPED_BY.includes(event)) return stop(event, decision.text);
	return '';
};
