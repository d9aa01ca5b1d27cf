import {type ActionResult, refusal} from '../core/action.ts';
import {agentName} from '../core/agent.ts';
import type {Choice, Question} from '../core/session.ts';
import type {Attempt} from './attempt.ts';
import type {Engine} from './engine.ts';
import {readShown} from './read-shown.ts';

/** A dialog that a hook has told of may be drawn only now: so long is waited for it, ms. */
const DRAWN_MS = 2000;

/** By what a dialog is known again: what it asks, and what may be chosen. */
export const questionKey = ({text, choices}: Question): string => [text, ...choices.map(({label}) => label)].join('\n');

/** A dialog breaks its lines where it likes, and shows no more than fits. */
const withoutBlanks = (text: string): string => text.replace(/\s+/g, '');
const ABOUT_LENGTH = 60;

const aboutOf = ({detail}: Question): string =>
	withoutBlanks(detail.split('\n').find(line => line.trim() !== '') ?? '').slice(0, ABOUT_LENGTH);

/** The one on the screen is the one that was answered: it asks the same, or it shows what that is about. Of several at once all offer the same choices. */
export const isSameQuestion = (shown: Question, asked: Question): boolean => {
	const about = aboutOf(asked);
	return shown.text === asked.text || (about.length > 2 && withoutBlanks(`${shown.text}\n${shown.detail}`).includes(about));
};

/** The keys that choose it in the dialog as it is drawn now. */
const keysIn = (shown: Question, chosen: Choice): string | undefined =>
	(shown.choices.find(({label}) => label === chosen.label) ?? shown.choices.find(({means}) => means === chosen.means && means !== 'other'))
		?.keys ?? chosen.keys;

/** Waits until `look` finds something in the pane, at most `ms`. */
const found = async <T>(engine: Engine, attempt: Attempt, look: () => T | undefined, ms: number): Promise<T | undefined> => {
	const handle = engine.panes.get(attempt.agent.id)?.handle;
	const first = look();
	if (first !== undefined || !handle) return first;
	return new Promise(resolve => {
		const end = (value: T | undefined): void => {
			clearTimeout(timer);
			stop();
			resolve(value);
		};
		const stop = handle.onChange(() => {
			const seen = attempt.isEnding ? undefined : look();
			if (seen !== undefined) end(seen);
		});
		const timer = setTimeout(() => end(undefined), ms);
	});
};

/**
 * Types the keys of a choice into the pane. Guarantee: only while the very question that was answered stands on the screen, as it is drawn at
 * this moment; else nothing is typed, and the person is told that the answer was lost.
 */
export const typeChoice = async (
	engine: Engine,
	attempt: Attempt,
	asked: Question,
	chosen: Choice | undefined,
): Promise<ActionResult | undefined> => {
	const name = agentName(attempt.agent.id);
	if (!chosen) return refusal('refused', `${name} asks for one of its choices.`, 'Choose one by its digit, or type into its pane.');
	const keys = await found(
		engine,
		attempt,
		() => {
			const shown = readShown(engine, attempt)?.question;
			return shown && isSameQuestion(shown, asked) ? keysIn(shown, chosen) : undefined;
		},
		DRAWN_MS,
	);
	if (keys === undefined || attempt.isEnding)
		return refusal('lost', `The answer did not reach ${name}: its question is not on its screen any more.`, 'Look into its pane.');
	attempt.process.write(Buffer.from(keys));
	attempt.session?.typed(`answered by keys: ${chosen.label}`);
	return undefined;
};
