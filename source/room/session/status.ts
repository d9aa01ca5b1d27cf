import type {AgentStatus} from '../../core/agent/agent.ts';
import type {SessionState} from '../../core/session/session.ts';
import type {Attempt, Told} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

export const createLastReported = (): Told => ({fields: {}, texts: [], isAgain: false, writing: undefined});

/** How a session's state is shown: a turn that is over without a word that the task is done waits for somebody. */
const STATUS_OF: Readonly<Record<SessionState, AgentStatus>> = {
	starting: 'starting',
	working: 'working',
	'needs-input': 'needs-input',
	idle: 'waiting',
	finished: 'finished',
	'rate-limited': 'rate-limited',
	'out-of-context': 'out-of-context',
	'logged-out': 'logged-out',
	// Its end is judged at once: until then nothing is known of it.
	crashed: 'unknown',
	unknown: 'unknown',
};

/** The status of an agent at work: a pause, then the question that a person is shown, then what its session says. */
export const statusOf = (attempt: Attempt, {isPaused = attempt.isPaused} = {}): AgentStatus => {
	if (isPaused) return 'paused';
	const [question] = attempt.questions;
	if (question) return question.by === 'turn' ? 'waiting' : 'needs-input';
	return attempt.session ? STATUS_OF[attempt.session.now().state] : 'working';
};

const fieldsOf = (attempt: Attempt): Readonly<Record<string, string>> => {
	const [question] = attempt.questions;
	const session = attempt.session?.now();
	return {
		status: statusOf(attempt),
		question: question?.text ?? '',
		choices: question ? JSON.stringify(question.choices) : '',
		questionId: question?.id ?? '',
		detail: question?.detail ?? '',
		...(session ? {evidence: question?.evidence ?? session.evidence} : {}),
		...(attempt.isPaused ? {} : {reason: session?.reason ?? ''}),
		...(session?.doing ? {doing: session.doing} : {}),
	};
};

/** A sign alone is no news: it is told with the state that it brought. */
const SIGNIFICANT: readonly string[] = ['status', 'question', 'choices', 'questionId', 'detail', 'reason', 'doing'];

const changedOf = (fields: Readonly<Record<string, string>>, told: Readonly<Record<string, string>>): Record<string, string> => {
	const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => told[name] !== value));
	return Object.keys(changed).some(name => SIGNIFICANT.includes(name)) ? changed : {};
};

/** What the record says of a change that brings no words of its own. */
const wordsOf = ({status, reason}: Readonly<Record<string, string>>): string =>
	status === undefined || status === 'starting' || status === 'working' || status === 'needs-input'
		? ''
		: [status, reason].filter(Boolean).join(': ');

const write = async ({link}: Pick<Room, 'link'>, attempt: Attempt): Promise<void> => {
	const {told} = attempt;
	while (told.isAgain && !attempt.isEnding) {
		told.isAgain = false;
		const changed = changedOf(fieldsOf(attempt), told.fields);
		const texts = told.texts.splice(0);
		if (Object.keys(changed).length === 0 && texts.length === 0) continue;
		// Taken as told before it is written: what changes meanwhile is seen by the next round.
		told.fields = {...told.fields, ...changed};
		await link.retryUntilWritten(() => link.coordination.updateAgent(attempt.agent.id, changed, texts.join('; ') || wordsOf(changed)));
	}
};

/**
 * Writes what the team is to know of an agent at work, where it differs from what was told last; resolves once it is written. Changes that come
 * faster than Redis takes them are told as one, in their order, and nothing is told of an attempt that ends.
 */
export const tellStatus = (room: Pick<Room, 'facts' | 'link'>, attempt: Attempt, text = ''): Promise<void> => {
	const {told} = attempt;
	if (text !== '') told.texts.push(text);
	told.isAgain = true;
	told.writing ??= write(room, attempt)
		.catch(error =>
			room.facts.log(`cannot record the status of ${attempt.agent.id}: ${error instanceof Error ? error.message : String(error)}`),
		)
		.finally(() => {
			told.writing = undefined;
			if (told.isAgain && !attempt.isEnding) void tellStatus(room, attempt);
		});
	return told.writing;
};

/** The same after something else wrote the status: all of it is told, whatever was told before. An end of a pause takes the reason along. */
export const tellAnew = (room: Pick<Room, 'facts' | 'link'>, attempt: Attempt, text: string): Promise<void> => {
	attempt.told.fields = {};
	return tellStatus(room, attempt, text);
};
