import type {ActionResult} from '../../core/protocol/action.ts';
import type {Session} from '../../core/session/evidence.ts';
import type {Question} from '../../core/session/reading.ts';
import type {Attempt, LiveSession, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {endHeldBySigns, questionKey, typeChoice} from './dialog.ts';
import {followStateFile} from './files.ts';
import {closeQuestion, openQuestion} from './questions.ts';
import {watchScreen} from './screen.ts';
import {tellStatus} from './status.ts';
import {watchStopped} from './stopped.ts';

/** Minimum interval between reports of its current activity, ms; a new state is reported at once. */
const DOING_MS = 2000;

/** It needs input, and no sign says for what. */
const SOMETHING: Question = {kind: 'dialog', text: 'It needs input in its pane.', detail: '', choices: []};

/** A question known from a sign without a waiting hook: its answer is typed. */
const askedOnScreen = ({state, held, question}: Session): Question | undefined =>
	state === 'needs-input' && held.length === 0 ? (question ?? SOMETHING) : undefined;

/** Keeps the open questions equal to what its screen asks. */
const keepScreenQuestion = (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	attempt: Attempt,
	live: LiveSession,
): ((session: Session) => void) => {
	let open: {readonly key: string; readonly question: OpenQuestion} | undefined;
	const log = (error: unknown): void => room.facts.log(`a question of ${attempt.agent.id}: ${String(error)}`);
	/** What could not be typed is asked again while the question is open. */
	const typed = async (asked: Question, choice: number): Promise<ActionResult | undefined> => {
		const lost = await typeChoice(room, attempt, asked, asked.choices[choice - 1]);
		open = undefined;
		if (lost && !attempt.isEnding) keep(live.now());
		return lost;
	};
	const keep = (session: Session): void => {
		const asked = askedOnScreen(session);
		const key = asked && questionKey(asked);
		if (open && open.key !== key) {
			closeQuestion(room, open.question, 'the question left its screen').catch(log);
			open = undefined;
		}
		if (!asked || key === undefined || open) return;
		const question: OpenQuestion = {
			id: room.facts.newNonce(),
			agent: attempt.agent.id,
			by: 'screen',
			text: asked.text,
			detail: asked.detail,
			choices: asked.choices.map(({label}) => label),
			evidence: session.evidence,
			answer: ({choice}) => typed(asked, choice),
		};
		open = {key, question};
		openQuestion(room, question).catch(log);
	};
	return keep;
};

const isNews = (session: Session, before: Session): boolean =>
	session.state !== before.state || session.reason !== before.reason || session.question !== before.question;

/** Watches an attempt's session from start to end: reads its screen, its titles and its own files, reports to the team and asks a human. */
export const watchSession = (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt): void => {
	const {session} = attempt;
	const pane = room.slots.pane(attempt.agent.id);
	if (!session || !pane) return;
	const askScreen = keepScreenQuestion(room, attempt, session);
	let later: NodeJS.Timeout | undefined;
	session.onChange((now, before) => {
		if (attempt.isEnding) return;
		askScreen(now);
		if (isNews(now, before)) void tellStatus(room, attempt);
		else if (now.doing !== before.doing)
			later ??= setTimeout(() => {
				later = undefined;
				void tellStatus(room, attempt);
			}, DOING_MS).unref();
	});
	session.onReadings(readings => endHeldBySigns([...attempt.pendingPermissions], readings));
	const stops = [
		...(session.mode === 'interactive' ? [watchScreen(pane, session)] : []),
		watchStopped(room, attempt),
		followStateFile(session, {
			pid: attempt.surrounded.innerPid ?? attempt.pid,
			environment: attempt.launched?.environment ?? {},
			outside: attempt.surrounded.outside,
		}),
	];
	void attempt.ended.then(() => {
		clearTimeout(later);
		for (const stop of stops) stop();
	});
	void tellStatus(room, attempt);
};
