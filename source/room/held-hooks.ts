import type {Question, Reading} from '../core/session.ts';
import {field, textField} from '../harnesses/fields.ts';
import {isSameQuestion} from './type-choice.ts';

/** A hook that waits for a person's decision. */
export type HeldHook = {
	readonly id: string;
	/** Which use of a tool it is about, '' where that is not told. */
	readonly subject: string;
	readonly question: Question;
	/** Its dialog was seen: on the screen, or in what the program says of itself. */
	wasShown: boolean;
	wasWaiting: boolean;
	/** It was answered elsewhere: the hook ends without a word. */
	readonly end: (why: string) => void;
};

/** Enough of a tool's input to know it again; long ones are cut on their way. */
const SUBJECT_LENGTH = 300;

/** The use of a tool that a payload is about, as Claude Code and the hooks that were made after its tell it. */
export const subjectOf = (payload: unknown): string => {
	const name = textField(payload, 'tool_name');
	const input = field(payload, 'tool_input');
	return name === undefined || input === undefined ? '' : `${name} ${JSON.stringify(input).slice(0, SUBJECT_LENGTH)}`;
};

/** A turn is over, or a new one begins: nothing of before is asked any more. */
const isTurnOver = (readings: readonly Reading[]): boolean =>
	readings.some(({state, isPromptTaken}) => isPromptTaken === true || (state !== undefined && state !== 'working' && state !== 'asks'));

/**
 * What another hook says of those that wait: Claude Code does not end a hook whose dialog was answered in the pane, it goes on with the tool. The end of
 * that very tool, or of the turn, is the end of the question.
 */
export const endHeldByHook = (held: readonly HeldHook[], payload: unknown, readings: readonly Reading[], isOfEnd: boolean): void => {
	const subject = subjectOf(payload);
	for (const hook of held)
		if (isTurnOver(readings) || (isOfEnd && subject !== '' && hook.subject === subject)) hook.end('answered in its pane');
};

/** What else is seen of those that wait: a dialog that was there and is gone. */
export const endHeldBySigns = (held: readonly HeldHook[], readings: readonly Reading[]): void => {
	for (const {source, state, question} of readings)
		for (const hook of held) {
			if (source === 'stream' && state !== undefined) {
				if (state === 'asks') hook.wasWaiting = true;
				else if (hook.wasWaiting) hook.end('answered in its pane');
			}
			if (source !== 'screen') continue;
			if (question && isSameQuestion(question, hook.question)) hook.wasShown = true;
			else if (hook.wasShown) hook.end('its dialog left the screen');
		}
};
