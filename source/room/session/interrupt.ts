import {setTimeout as wait} from 'node:timers/promises';
import {agentName} from '../../core/agent/agent.ts';
import type {ActionResult} from '../../core/protocol/action.ts';
import type {Attempt, LiveSession} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {until} from './prompt.ts';

/** How long a program may take to show that its turn has ended, ms; then its key is pressed once more. */
const STOPPED_MS = 1500;
/** Between two keys of an interrupt, ms: typed at once they are another key. */
const GAP_MS = 120;
const CTRL_C = '\u0003';

/** Its signs, or at least its screen since `at`, show that it is idle. */
const rests = (session: LiveSession, at: number): boolean => {
	const {state, claims} = session.now();
	const screen = claims.get('screen');
	return !['working', 'needs-input', 'starting'].includes(state) || (screen?.state === 'idle' && screen.at > at);
};

/**
 * Presses the key that ends a turn until the program shows that it has ended, at most twice. Never when idle, where the same key means something
 * else.
 */
const endTurn = async ({slots}: Pick<Room, 'slots'>, attempt: Attempt): Promise<boolean> => {
	const pane = slots.pane(attempt.agent.id);
	const {session, launched} = attempt;
	if (!pane || !session || !launched) return false;
	const since = session.clock();
	const hasStopped = (): boolean => attempt.isEnding || rests(session, since);
	for (let press = 0; press < 2; press++) {
		attempt.delivery.interruptedAt = performance.now();
		for (const [index, key] of [...launched.cli.keys.interrupt].entries()) {
			if (index > 0) await wait(GAP_MS);
			pane.type(key);
		}
		if (await until(hasStopped, STOPPED_MS)) return true;
	}
	return false;
};

/**
 * Interrupts an agent's turn, not the agent: an agent CLI by its own key, with an answer that says whether it showed that it stopped; any other
 * program by Ctrl-C. Then it waits for a human and gets no reminder.
 */
export const interrupt = async (room: Pick<Room, 'slots'>, attempt: Attempt): Promise<ActionResult> => {
	const name = agentName(attempt.agent.id);
	if (attempt.session?.mode !== 'interactive') {
		attempt.process.write(CTRL_C);
		return {ok: true, text: `${name} was interrupted`};
	}
	if (attempt.isPaused) return {ok: false, code: 'refused', message: `${name} is paused.`, hint: 'Resume it first.'};
	attempt.delivery.isReminded = true;
	if (await endTurn(room, attempt)) return {ok: true, text: `${name} was interrupted`};
	return {ok: true, text: `${name} was sent an interrupt, not confirmed`};
};
