import type {AgentStatus} from '../../core/agent/agent.ts';
import type {SessionState} from '../../core/session/session.ts';
import type {Attempt, Told} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';

export const createLastReported = (): Told => ({fields: {}, texts: [], isAgain: false, writing: undefined});

/** How a session's state is shown: a turn that ended without a `done` report waits for a human. */
const STATUS_OF: Readonly<Record<SessionState, AgentStatus>> = {
	starting: 'starting',
	working: 'working',
	'needs-input': 'needs-input',
	idle: 'waiting',
	finished: 'finished',
	retrying: 'retrying',
	'rate-limited': 'rate-limited',
	'out-of-context': 'out-of-context',
	'logged-out': 'logged-out',
	// Its end is judged at once; until then nothing is known.
	crashed: 'unknown',
	unknown: 'unknown',
};

/** The status of a running agent: a pause first, then its open question, then its session. */
export const statusOf = (attempt: Attempt, {isPaused = attempt.isPaused} = {}): AgentStatus => {
	if (isPaused) return 'paused';
	if (attempt.stopped !== '') return 'stalled';
	const [question] = attempt.questions;
	if (question) return question.by === 'turn' ? 'waiting' : 'needs-input';
	return attempt.session ? STATUS_OF[attempt.session.now().state] : 'working';
};

/** When its program asks its model again, epoch ms in whole seconds; 0 if unknown. */
const retryAtOf = ({session}: Attempt): number => {
	const retryAt = session?.now().retryAt ?? 0;
	return session && retryAt > 0 ? Math.round((Date.now() + retryAt - session.clock()) / 1000) * 1000 : 0;
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
		...(attempt.isPaused ? {} : {reason: attempt.stopped || (session?.reason ?? '')}),
		retryAt: String(retryAtOf(attempt)),
		...(session?.doing ? {doing: session.doing} : {}),
	};
};

/** A sign alone is not published: it comes with the state that it caused. */
const SIGNIFICANT: readonly string[] = ['status', 'question', 'choices', 'questionId', 'detail', 'reason', 'doing'];

const changedOf = (fields: Readonly<Record<string, string>>, told: Readonly<Record<string, string>>): Record<string, string> => {
	const changed = Object.fromEntries(Object.entries(fields).filter(([name, value]) => told[name] !== value));
	return Object.keys(changed).some(name => SIGNIFICANT.includes(name)) ? changed : {};
};

/** What the record says of a change without a text of its own. */
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
		// Counts as published before it is written: the next round sees later changes.
		told.fields = {...told.fields, ...changed};
		await link.retryUntilWritten(() => link.coordination.updateAgent(attempt.agent.id, changed, texts.join('; ') || wordsOf(changed)));
	}
};

/**
 * Writes the team's view of a running agent where it differs from the last one; resolves once it is written. Changes faster than Redis are merged,
 * in order, and nothing is written for an ending attempt.
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

/** The same after something else wrote the status: writes all of it, whatever was written before. After a pause that includes the reason. */
export const tellAnew = (room: Pick<Room, 'facts' | 'link'>, attempt: Attempt, text: string): Promise<void> => {
	attempt.told.fields = {};
	return tellStatus(room, attempt, text);
};
