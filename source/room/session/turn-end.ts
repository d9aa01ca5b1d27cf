import type {Session} from '../../core/session/evidence.ts';
import type {SessionState} from '../../core/session/session.ts';
import type {HookDecision} from '../../harnesses/shared/cli.ts';
import {nudgeText} from '../../roles/prompts.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import type {Attempt, LiveSession, OpenQuestion} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {handOverText} from './prompt.ts';
import {closeQuestion} from './questions.ts';
import {choicesAtTurnEnd, endTurns, handIn, openWaiting} from './turn-choices.ts';

/** It reported how its task is, or is ending: its turn may end. */
export const hasSaid = ({isEnding, reported, blocked, plan}: Attempt): boolean =>
	isEnding || reported !== undefined || blocked !== '' || plan?.checked.ok === true;

/**
 * Answers the turn-end hook. An agent with a screen that has not reported is reminded once, and again after a human's next text; the second time its
 * turn ends, and it waits. Headless agents end by themselves. Guarantee: a turn that was cut off is never told to go on.
 */
export const stopHook = (attempt: Attempt): HookDecision => {
	if (attempt.session?.now().cutOff) return {kind: 'none'};
	if (attempt.session?.mode !== 'interactive' || attempt.isPaused || attempt.delivery.isReminded || hasSaid(attempt)) return {kind: 'none'};
	attempt.delivery.isReminded = true;
	return {kind: 'go-on', text: nudgeText(attempt.task.stage)};
};

/** How long a state with consequences must last, ms: from a strong sign, and from a weaker one. */
const SETTLED_MS = 1000;
const WEAK_MS = 5000;
/** Time limit for answering the turn-end hook, ms. */
const HOOK_MS = 200;
/** A program may report its last cost after its last words: earliest after this, ms; also the longest wait for it. */
const MONEY_AFTER_MS = 250;
const MONEY_MS = 1000;
/** A human who typed into a pane this recently has plans of their own: no reminder, ms. */
const TYPED_LATELY_MS = 60_000;

/** States in which its program cannot continue by itself. */
const STUCK: readonly SessionState[] = ['rate-limited', 'logged-out', 'out-of-context'];

/** Reported by the program itself. A screen or a title may show anything: it is displayed, but ends nothing. */
export const isCertain = ({source}: Pick<Session, 'source'>): boolean => source === 'process' || source === 'hook' || source === 'stream';

/** A run that no one watches: no question is shown to anybody. */
export const isUnattended = ({facts, record}: Pick<Room, 'facts' | 'record'>): boolean =>
	facts.options.untilEmpty && record.getSnapshot().room.terminals === 0;

/**
 * It reported a blocker, and a human can be asked: its attempt goes on with the answer, at no cost. Without anyone to ask the attempt fails, so that
 * another agent may try.
 */
const asksForHelp = (room: Pick<Room, 'facts' | 'record'>, attempt: Attempt): boolean =>
	attempt.blocked !== '' && attempt.reported === undefined && !attempt.isEnding && !isUnattended(room);

const wordsOf = ({state, reason, cutOff}: Session): string => {
	if (state === 'idle' && cutOff?.by === 'human') return 'You interrupted its turn.';
	if (state === 'idle' && cutOff) return `Its turn failed: ${reason || 'the model gave no answer'}`;
	if (state !== 'idle') return `It is ${state}${reason === '' ? '' : `: ${reason}`}`;
	return reason === '' ? 'No result reported.' : reason;
};

/**
 * After a turn of a program with a screen: one that reported is ended; one that did not is reminded, then waits for a human, with its last output in
 * the dialog. If no human is there to ask, its work is submitted. One that cannot continue (rate-limited, logged out, context full) is ended and
 * judged by that.
 */
export const followTurns = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, attempt: Attempt, live: LiveSession): void => {
	let card: OpenQuestion | undefined;
	let settling: {readonly state: SessionState; readonly timer: NodeJS.Timeout} | undefined;

	const forgetTimer = (): void => {
		clearTimeout(settling?.timer);
		settling = undefined;
	};
	const giveUp = {
		label: 'Give up: it counts as a failed attempt',
		does: async () => {
			endTurns(room, attempt);
			return undefined;
		},
	};
	const takeBack = (): void => {
		// Answered, or gone on by itself: what blocked it is past.
		if (card && !attempt.isEnding) attempt.blocked = '';
		if (card)
			closeQuestion(room, card, 'it continues').catch(error => room.facts.log(`the question of ${attempt.agent.id}: ${String(error)}`));
		card = undefined;
	};
	const ask = (session: Session): void => {
		if (card && attempt.questions.includes(card)) return;
		const text = attempt.blocked === '' ? wordsOf(session) : `blocked: ${attempt.blocked}`;
		const choices = choicesAtTurnEnd(room, attempt);
		const given = attempt.blocked === '' ? choices : [...choices, giveUp];
		card = openWaiting(room, attempt, {text, choices: given}, true);
	};
	const nudge = async (): Promise<void> => {
		attempt.delivery.isReminded = true;
		await handOverText(room, attempt, {text: nudgeText(attempt.task.stage), what: 'reminder'});
		look(live.now());
	};
	const alone = (): void => {
		const {stage} = attempt.task;
		if (WRITING_STAGES.includes(stage)) handIn(room, attempt, 'its turn ended with no one to ask: its work is submitted');
		else endTurns(room, attempt);
	};

	const settled = (): void => {
		settling = undefined;
		const session = live.now();
		if (attempt.isEnding || attempt.isPaused) return;
		if (session.isRetrying) return;
		if (STUCK.includes(session.state)) {
			if (isCertain(session)) {
				attempt.delivery.stuck = session;
				endTurns(room, attempt);
			} else ask(session);
			return;
		}
		if (session.state !== 'idle' || !attempt.delivery.isBegun) return;
		const hasTyped = performance.now() - (room.slots.pane(attempt.agent.id)?.typedAt() ?? 0) < TYPED_LATELY_MS;
		if (asksForHelp(room, attempt)) ask(session);
		else if (hasSaid(attempt)) endTurns(room, attempt);
		// Half of a task is no result: only a human says how it goes on.
		else if (session.cutOff) ask(session);
		else if (!attempt.delivery.isReminded && !hasTyped)
			nudge().catch(error => room.facts.log(`nudging ${attempt.agent.id}: ${String(error)}`));
		else if (isUnattended(room) && !attempt.isInterrupted && isCertain(session)) alone();
		else ask(session);
	};
	const look = (session: Session): void => {
		if (session.cutOff?.by === 'human') attempt.isInterrupted = true;
		else if (session.state === 'working') attempt.isInterrupted = false;
		const isOver = session.state === 'idle' || (STUCK.includes(session.state) && !session.isRetrying);
		if (!isOver || attempt.isEnding) {
			forgetTimer();
			takeBack();
			return;
		}
		if (settling?.state === session.state) return;
		forgetTimer();
		const delay = isCertain(session) ? SETTLED_MS : WEAK_MS;
		settling = {state: session.state, timer: setTimeout(settled, delay)};
		settling.timer.unref();
	};

	attempt.delivery.look = () => look(live.now());
	const stop = live.onChange(look);
	// An agent that reported has nothing more to do once its turn is over; the turn-end hook is answered first.
	let overAt = Number.POSITIVE_INFINITY;
	const endIn = (ms: number): void => void setTimeout(() => endTurns(room, attempt), ms).unref();
	const stopReadings = live.onReadings(readings => {
		if (!hasSaid(attempt) || asksForHelp(room, attempt)) return;
		if (readings.some(({state}) => state === 'idle')) {
			overAt = performance.now();
			endIn(live.cli.totalsLate ? MONEY_MS : HOOK_MS);
		} else if (readings.some(({usage}) => usage?.isTotal) && performance.now() - overAt >= MONEY_AFTER_MS) endIn(0);
	});
	void attempt.ended.then(() => {
		stop();
		stopReadings();
		forgetTimer();
	});
};
