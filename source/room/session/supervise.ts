import type {Session} from '../../core/session/evidence.ts';
import type {SessionState} from '../../core/session/session.ts';
import {WRITING_STAGES} from '../../roles/roles.ts';
import type {Attempt, LiveSession} from '../parts/attempt.ts';
import type {Room} from '../parts/parts.ts';
import {overseeFirstPrompt} from './first-prompt.ts';
import {followTurns, isCertain} from './turn-end.ts';

/** A program that waits for its account is left waiting; from this duration on the other agents of the account wait too, ms. */
const THROTTLE_AFTER_MS = 10_000;

/** Stores with the task the session to resume, as soon as the program reports it. Without it the next attempt starts a new one. */
const keepSession = ({facts, link}: Pick<Room, 'facts' | 'link'>, attempt: Attempt, live: LiveSession): void => {
	const {agent, task, token} = attempt;
	let kept = task.session;
	live.onChange(({id}) => {
		const session = `${live.cli.name} ${id}`;
		if (id === '' || session === kept || !/^[A-Za-z0-9_.-]{1,200}$/.test(id) || attempt.isEnding) return;
		kept = session;
		link
			.retryUntilWritten(() => link.coordination.progress({agent: agent.id, task: task.id, token}, {session}, ''))
			.catch(error => facts.log(`the session of ${task.id} was not stored: ${String(error)}`));
	});
};

/** Holds back the other agents of a rate-limited account, for the time that the program gave, if any. */
export const throttleFor = async ({link}: Pick<Room, 'link'>, {agent}: Attempt, {reason, retryMs}: Session): Promise<void> => {
	await link.retryUntilWritten(() => link.coordination.throttle({account: agent.account, agent: agent.id, retryMs, reason}));
};

/** Nothing but the provider tells a program to wait this long, whatever it shows as the reason, ms. */
const LONG_RETRY_MS = 10_000;
/** States of an account: its other agents would meet the same. */
const OF_ACCOUNT: readonly SessionState[] = ['rate-limited', 'logged-out'];

/**
 * A program that waits for its account and retries by itself is left alone; the account's other agents wait with it: at once where it says that it
 * retries, else once that lasts.
 */
const throttleOthers = (room: Pick<Room, 'facts' | 'link'>, attempt: Attempt, live: LiveSession): void => {
	let timer: NodeJS.Timeout | undefined;
	let retried = '';
	const throttle = (): void => {
		if (!attempt.isEnding)
			throttleFor(room, attempt, live.now()).catch(error => room.facts.log(`the rate limit of ${attempt.agent.id}: ${String(error)}`));
	};
	live.onChange(session => {
		const isOfAccount = OF_ACCOUNT.includes(session.state) || session.retryMs >= LONG_RETRY_MS;
		const retry = session.isRetrying && isOfAccount ? `${session.evidence} ${session.retryAt}` : '';
		if (retry !== '' && retry !== retried) throttle();
		retried = retry;
		if (session.isRetrying || session.state !== 'rate-limited' || !isCertain(session)) {
			clearTimeout(timer);
			timer = undefined;
			return;
		}
		timer ??= setTimeout(throttle, THROTTLE_AFTER_MS);
		timer.unref();
	});
	void attempt.ended.then(() => clearTimeout(timer));
};

/** States in which an attempt waits for a human or its account. */
const WAITING: readonly SessionState[] = ['needs-input', 'idle', 'retrying', 'rate-limited', 'logged-out'];

/** Time that it waits in these states does not count against the attempt. */
const keepTime = (attempt: Attempt, live: LiveSession): void => {
	live.onChange(({state}) => {
		const {delivery: drive} = attempt;
		const isWaiting = live.mode === 'interactive' && WAITING.includes(state) && !attempt.isPaused;
		if (isWaiting) drive.waitsSince ??= performance.now();
		else if (drive.waitsSince !== undefined) {
			attempt.startedAt += performance.now() - drive.waitsSince;
			drive.waitsSince = undefined;
		}
	});
};

/** Follows an attempt's program from its first prompt on: receipts, ends of turns, and what its session means for the team. */
export const superviseSession = (room: Pick<Room, 'facts' | 'link' | 'record' | 'slots'>, attempt: Attempt): void => {
	const {session: live} = attempt;
	if (!live) return;
	if (WRITING_STAGES.includes(attempt.task.stage)) keepSession(room, attempt, live);
	throttleOthers(room, attempt, live);
	keepTime(attempt, live);
	if (live.mode !== 'interactive') return;
	followTurns(room, attempt, live);
	overseeFirstPrompt(room, attempt, live).catch(error => room.facts.log(`the first prompt of ${attempt.agent.id}: ${String(error)}`));
};
