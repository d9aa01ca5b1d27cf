import type {Session} from '../../core/session/evidence.ts';
import type {Receipt} from '../../core/session/session.ts';
import {inputBeforeCursor} from '../../terminal/screen/answers.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {Attempt, LiveSession} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {type Delivery, handOverText, keepReceipt, until, watchProof} from './prompt.ts';
import {closeQuestion} from './questions.ts';
import {openWaiting} from './turn-choices.ts';

/** A program gives its first sign within this, ms; for a slower one its screen is checked. */
const READY_MS = 10_000;
/** From then on it takes up its first prompt within this, ms, else its screen is checked. */
const TAKEN_MS = 8000;
const ENTER_MS = 2000;
/** A program that looks busy only by its title or screen counts as working after this, ms. */
const BUSY_MS = 60_000;

type Look = 'taken' | 'dialog' | 'typed' | 'empty' | 'unclear';

/** What the screen says about a prompt without proof of receipt. */
const lookAt = ({slots}: Pick<Room, 'slots'>, attempt: Attempt, live: LiveSession): Look => {
	const {state, claims} = live.now();
	if (state === 'needs-input') return 'dialog';
	if (state === 'working') return 'taken';
	const pane = slots.pane(attempt.agent.id);
	const typed = pane && inputBeforeCursor(pane.screen);
	if (typed === undefined) return 'unclear';
	// Its input is there and empty, and the screen agrees: no dialog covers it.
	if (typed === '') return state === 'idle' || claims.get('screen')?.state === 'idle' ? 'empty' : 'unclear';
	// A wrapped or shortened line still starts as the prompt does.
	const beginning = (text: string): string => cleanText(text).replace(/\s+/g, '').slice(0, 20);
	return beginning(typed) === beginning(attempt.launched?.prompt ?? '') ? 'typed' : 'unclear';
};

/**
 * Asks a human whether the program has its prompt, until it shows that it has or the human says so. Keys typed in the pane count as well as texts
 * sent from here.
 */
const askPerson = async (room: Pick<Room, 'facts' | 'link' | 'slots'>, attempt: Attempt, live: LiveSession): Promise<void> => {
	const prompt: Delivery = {text: attempt.launched?.prompt ?? '', what: 'prompt', isOrdered: true};
	for (let isOpen = true; isOpen && !attempt.isEnding; ) {
		const {promise: over, resolve} = Promise.withResolvers<'sent' | 'left' | 'works' | 'ended'>();
		let isHanding = false;
		const sent = ({outcome}: Receipt): void => resolve(outcome === 'proved' ? 'left' : 'sent');
		const again = async (): Promise<undefined> => {
			isHanding = true;
			void handOverText(room, attempt, prompt).then(sent);
			return undefined;
		};
		const leave = async (): Promise<undefined> => resolve('left') ?? undefined;
		const question = openWaiting(
			room,
			attempt,
			{
				text: 'Prompt not confirmed. Check its pane.',
				choices: [
					{label: 'Send the prompt again', does: again},
					{label: 'It is running, do nothing', does: leave},
				],
				sent,
			},
			true,
		);
		const stop = live.onChange(({state}) => state === 'working' && !isHanding && resolve('works'));
		void attempt.ended.then(() => resolve('ended'));
		const how = await over;
		stop();
		await closeQuestion(room, question, 'prompt accepted');
		if (how === 'works') keepReceipt(room, attempt, 'prompt', {outcome: 'proved', by: live.now().evidence});
		isOpen = how === 'sent';
	}
};

/** Waits for the proof, or until it is overdue; a dialog takes as long as a human takes, and a program that only looks busy may still be starting. */
const awaitProof = async (attempt: Attempt, live: LiveSession, proof: () => string | undefined): Promise<void> => {
	const isOver = (): boolean => proof() !== undefined || attempt.isEnding;
	const {readyMs, takenMs} = live.cli.start ?? {readyMs: READY_MS, takenMs: TAKEN_MS};
	// A slow program sets its title long before it reads its input.
	const isReady = ({signs, claims, id}: Session): boolean => (live.cli.start ? claims.size : signs.length) > 0 || id !== '';
	await until(() => isOver() || isReady(live.now()), readyMs);
	const busyUntil = live.clock() + BUSY_MS;
	const isBusy = (): boolean => live.now().state === 'working' && live.clock() < busyUntil;
	do await until(() => isOver(), takenMs);
	while (!isOver() && (attempt.isPaused || live.now().state === 'needs-input' || isBusy()));
};

/**
 * Makes sure that the program takes up its first prompt, which it got as an argument: ends in a receipt or a question to a human. Text in the input
 * gets its Enter, an empty input the text; nothing is typed into an unclear screen.
 */
export const overseeFirstPrompt = async (
	room: Pick<Room, 'facts' | 'link' | 'slots'>,
	attempt: Attempt,
	live: LiveSession,
): Promise<void> => {
	const pane = room.slots.pane(attempt.agent.id);
	const watched = watchProof(live);
	const {proof} = watched;
	try {
		await awaitProof(attempt, live, proof);
		let look = proof() === undefined && !attempt.isEnding ? lookAt(room, attempt, live) : 'taken';
		if (look === 'typed') {
			pane?.type('\r');
			await until(() => proof() !== undefined || attempt.isEnding, ENTER_MS);
			look = proof() === undefined ? lookAt(room, attempt, live) : 'taken';
		}
		if (attempt.isEnding) return;
		if (look === 'empty') {
			const {outcome} = await handOverText(room, attempt, {text: attempt.launched?.prompt ?? '', what: 'prompt', isOrdered: true});
			if (outcome !== 'proved' && live.now().state !== 'working') await askPerson(room, attempt, live);
			return;
		}
		if (look === 'taken') {
			keepReceipt(room, attempt, 'prompt', {outcome: 'proved', by: proof() ?? live.now().evidence});
			return;
		}
		keepReceipt(room, attempt, 'prompt', {outcome: 'unknown', by: `not confirmed (${live.now().state}: ${live.now().evidence})`});
		await askPerson(room, attempt, live);
	} finally {
		watched.stop();
		attempt.delivery.isBegun = true;
		attempt.delivery.look();
	}
};
