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

/** It has said how its task stands, or is on its way out: its turn may end. */
export const hasSaid = ({isEnding, reported, blocked, plan}: Attempt): boolean =>
	isEnding || reported !== undefined || blocked !== '' || plan?.checked.ok === true;

/**
 * The turn of a program is about to end, says its hook: what the hook answers. One with a screen of its own that has not said how its task stands is
 * told so once, and again after a person's next text; the second time its turn ends, and it waits. A headless one ends by itself.
 */
export const stopHook = (attempt: Attempt): HookDecision => {
	if (attempt.session?.mode !== 'interactive' || attempt.isPaused || attempt.delivery.isReminded || hasSaid(attempt)) return {kind: 'none'};
	attempt.delivery.isReminded = true;
	return {kind: 'go-on', text: nudgeText(attempt.task.stage)};
};

/** A state of which something follows has held for this long: one sign, and one that a weaker source says. */
const SETTLED_MS = 1000;
const WEAK_MS = 5000;
/** The hook of a turn's end is answered within this, ms. */
const HOOK_MS = 200;
/** A program that tells money tells what its last words cost after them: not before this, ms, and it is waited for so long. */
const MONEY_AFTER_MS = 250;
const MONEY_MS = 1000;
/** Whoever has just typed into a pane has their own plans with it: it is not reminded, ms. */
const TYPED_LATELY_MS = 60_000;

/** States in which its program cannot go on by itself. */
const STUCK: readonly SessionState[] = ['rate-limited', 'logged-out', 'out-of-context'];

/** Its program says so itself. What only a screen or a title says may have been printed by anybody: it is shown, and nothing is ended for it. */
export const isCertain = ({source}: Pick<Session, 'source'>): boolean => source === 'process' || source === 'hook' || source === 'stream';

const isUnattended = ({facts, record}: Pick<Room, 'facts' | 'record'>): boolean =>
	facts.options.untilEmpty && record.getSnapshot().room.terminals === 0;

const wordsOf = ({state, reason}: Session): string => {
	if (state !== 'idle') return `It is ${state}${reason === '' ? '' : `: ${reason}`}`;
	return reason === '' ? 'No result reported.' : reason;
};

/**
 * What becomes of a program with a screen of its own once its turn is over: who has said how the task stands is ended; who has not is reminded, and
 * then waits for a person, with what it said last on the card. Where nobody is there to be asked, what it made is handed in. One that cannot go on
 * (its account is to wait, it is logged out, its context is full) is ended and judged by that.
 */
export const followTurns = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, attempt: Attempt, live: LiveSession): void => {
	let card: OpenQuestion | undefined;
	let settling: {readonly state: SessionState; readonly timer: NodeJS.Timeout} | undefined;

	const forgetTimer = (): void => {
		clearTimeout(settling?.timer);
		settling = undefined;
	};
	const takeBack = (): void => {
		if (card)
			closeQuestion(room, card, 'it continues').catch(error => room.facts.log(`the question of ${attempt.agent.id}: ${String(error)}`));
		card = undefined;
	};
	const ask = (session: Session): void => {
		if (card && attempt.questions.includes(card)) return;
		card = openWaiting(room, attempt, {text: wordsOf(session), choices: choicesAtTurnEnd(room, attempt)}, true);
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
		if (STUCK.includes(session.state)) {
			if (isCertain(session)) endTurns(room, attempt);
			else ask(session);
			return;
		}
		if (session.state !== 'idle' || !attempt.delivery.isBegun) return;
		const hasTyped = performance.now() - (room.slots.pane(attempt.agent.id)?.typedAt() ?? 0) < TYPED_LATELY_MS;
		if (hasSaid(attempt)) endTurns(room, attempt);
		else if (!attempt.delivery.isReminded && !hasTyped)
			nudge().catch(error => room.facts.log(`nudging ${attempt.agent.id}: ${String(error)}`));
		else if (isUnattended(room) && !attempt.isInterrupted) alone();
		else ask(session);
	};
	const look = (session: Session): void => {
		if (session.state === 'working') attempt.isInterrupted = false;
		const isOver = session.state === 'idle' || STUCK.includes(session.state);
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
	// Who has said how the task stands has nothing more to do once its turn is over; the hook that tells of it has its answer first.
	let overAt = Number.POSITIVE_INFINITY;
	const endIn = (ms: number): void => void setTimeout(() => endTurns(room, attempt), ms).unref();
	const stopReadings = live.onReadings(readings => {
		if (!hasSaid(attempt)) return;
		if (readings.some(({state}) => state === 'idle')) {
			overAt = performance.now();
			endIn(live.cli.tellsMoney ? MONEY_MS : HOOK_MS);
		} else if (readings.some(({usage}) => usage?.isTotal) && performance.now() - overAt >= MONEY_AFTER_MS) endIn(0);
	});
	void attempt.ended.then(() => {
		stop();
		stopReadings();
		forgetTimer();
	});
};
