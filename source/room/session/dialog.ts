import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Choice, Question, Reading} from '../../core/session/reading.ts';
import {refusal} from '../../core/text/refusal.ts';
import type {Cli} from '../../harnesses/shared/cli.ts';
import {field, textField} from '../../harnesses/shared/fields.ts';
import type {HeadlessScreen} from '../../terminal/screen/screen.ts';
import type {Attempt, PendingPermission} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {cleanReading} from './session.ts';

/** What a screen shows now; undefined if it shows no known sign or is half drawn. Never throws. */
export const readScreen = (cli: Cli, screen: HeadlessScreen): Reading | undefined => {
	if (screen.isUpdating) return undefined;
	try {
		const reading = cli.readScreen(Array.from({length: screen.rows}, (_, row) => screen.textOf(row)));
		return reading && cleanReading(reading);
	} catch {
		return undefined;
	}
};

const readShown = ({slots}: Pick<Room, 'slots'>, {agent, session}: Attempt): Reading | undefined => {
	const screen = slots.pane(agent.id)?.screen;
	return session && screen ? readScreen(session.cli, screen) : undefined;
};

/** How long to wait for a dialog that a hook has announced to be drawn, ms. */
const DRAWN_MS = 2000;

/** Identifies a dialog: its question and its choices. */
export const questionKey = ({text, choices}: Question): string => [text, ...choices.map(({label}) => label)].join('\n');

/** A dialog may break its lines anywhere, and shows no more than fits. */
const withoutBlanks = (text: string): string => text.replace(/\s+/g, '');
const ABOUT_LENGTH = 60;

const aboutOf = ({detail}: Question): string =>
	withoutBlanks(detail.split('\n').find(line => line.trim() !== '') ?? '').slice(0, ABOUT_LENGTH);

/** Whether the dialog on screen is the answered one: it asks the same, or shows the same detail. Several open at once may offer the same choices. */
const isSameQuestion = (shown: Question, asked: Question): boolean => {
	const about = aboutOf(asked);
	return shown.text === asked.text || (about.length > 2 && withoutBlanks(`${shown.text}\n${shown.detail}`).includes(about));
};

/** The keys for that choice in the dialog as drawn now. */
const keysIn = (shown: Question, chosen: Choice): string | undefined =>
	(shown.choices.find(({label}) => label === chosen.label) ?? shown.choices.find(({means}) => means === chosen.means && means !== 'other'))
		?.keys ?? chosen.keys;

/** Waits until `look` finds something in the pane, at most `ms`. */
const found = async <T>({slots}: Pick<Room, 'slots'>, attempt: Attempt, look: () => T | undefined, ms: number): Promise<T | undefined> => {
	const handle = slots.pane(attempt.agent.id)?.handle;
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
 * Types the keys of a choice into the pane. Guarantee: only while exactly the answered question is on the screen, as drawn now; else nothing is
 * typed, and the human is told that the answer was lost.
 */
export const typeChoice = async (
	room: Pick<Room, 'slots'>,
	attempt: Attempt,
	asked: Question,
	chosen: Choice | undefined,
): Promise<ActionResult | undefined> => {
	const name = agentName(attempt.agent.id);
	if (!chosen) return refusal('refused', `${name} needs one of its choices.`, 'Press its digit, or type into the pane.');
	const keys = await found(
		room,
		attempt,
		() => {
			const shown = readShown(room, attempt)?.question;
			return shown && isSameQuestion(shown, asked) ? keysIn(shown, chosen) : undefined;
		},
		DRAWN_MS,
	);
	if (keys === undefined || attempt.isEnding)
		return refusal('lost', `The answer did not reach ${name}: its question has left the screen.`, 'Check its pane.');
	attempt.process.write(Buffer.from(keys));
	attempt.session?.typed(`answered by keys: ${chosen.label}`);
	return undefined;
};

/** Enough of a tool's input to recognize it; long inputs arrive shortened. */
const SUBJECT_LENGTH = 300;

/** The tool use that a payload is about, in the form of Claude Code and of hooks modelled on it. */
export const subjectOf = (payload: unknown): string => {
	const name = textField(payload, 'tool_name');
	const input = field(payload, 'tool_input');
	return name === undefined || input === undefined ? '' : `${name} ${JSON.stringify(input).slice(0, SUBJECT_LENGTH)}`;
};

/** A turn has ended or started: earlier questions are closed. */
const isTurnOver = (readings: readonly Reading[]): boolean =>
	readings.some(
		({state, isPromptTaken}) => isPromptTaken === true || (state !== undefined && state !== 'working' && state !== 'needs-input'),
	);

/**
 * Ends waiting questions by another hook: Claude Code does not end a hook whose dialog was answered in the pane, but continues with the tool. The
 * end of exactly that tool, or of the turn, closes the question.
 */
export const endHeldByHook = (
	held: readonly PendingPermission[],
	payload: unknown,
	readings: readonly Reading[],
	isOfEnd: boolean,
): void => {
	const subject = subjectOf(payload);
	for (const hook of held)
		if (isTurnOver(readings) || (isOfEnd && subject !== '' && hook.subject === subject)) hook.end('answered in its pane');
};

/** Ends waiting questions whose dialog was there and is gone. */
export const endHeldBySigns = (held: readonly PendingPermission[], readings: readonly Reading[]): void => {
	for (const {source, state, question} of readings)
		for (const hook of held) {
			if (source === 'stream' && state !== undefined) {
				if (state === 'needs-input') hook.wasWaiting = true;
				else if (hook.wasWaiting) hook.end('answered in its pane');
			}
			if (source !== 'screen') continue;
			if (question && isSameQuestion(question, hook.question)) hook.wasShown = true;
			else if (hook.wasShown) hook.end('its dialog left the screen');
		}
};
