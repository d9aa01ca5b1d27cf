import {monitorEventLoopDelay} from 'node:perf_hooks';
import {tellRecovery} from '../core/recovery.ts';
import {readInfo, TROUBLES, troublesOf} from '../redis/probe.ts';
import {isRefusedForNow} from '../redis/refused-for-now.ts';
import {cleanText} from '../terminal/clean.ts';
import type {RoomRedis} from './redis.ts';
import type {RoomState} from './state.ts';

/** Everything that is amiss is on the screen within 2 s: so often is looked, ms. */
const LOOK_MS = 500;
/** Redis answers slowly from here on, ms. */
const SLOW_MS = 400;
/** A room that was itself held up this long, ms, has not measured Redis. */
const OWN_DELAY_MS = 200;
/** A connection that is back within this, ms, was hardly away. */
const LOST_MS = 400;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/**
 * Looks twice a second at how Redis does and says on the screen what is amiss: away, slow, busy, full, read-only, evicting, not what it was.
 * What it finds decides nothing, save the comparison of epochs: that holds claims. Returns the way to stop.
 */
export const watchRedis = (redis: RoomRedis, state: RoomState, log: (line: string) => void): (() => void) => {
	const {connection, epoch} = redis;
	const ownDelay = monitorEventLoopDelay({resolution: 20});
	ownDelay.enable();
	let isLooking = false;
	let lostSince: number | undefined;

	const say = (id: string, text: string, severity: 'error' | 'warning' = 'error'): void =>
		state.setBanner(id, text === '' ? undefined : {severity, text: cleanText(text, 400)});

	const lookAtConnection = (): void => {
		if (connection.isConnected) {
			lostSince = undefined;
			say('redis-lost', '');
			return;
		}
		lostSince ??= performance.now();
		const {retryInMs} = connection;
		state.setRedis({
			...state.getFresh().redis,
			problem: cleanText(redis.problem(), 200),
			retryAt: retryInMs > 0 ? Date.now() + retryInMs : 0,
		});
		if (performance.now() - lostSince < LOST_MS) return;
		for (const id of ['redis-slow', 'redis-busy']) say(id, '');
		say('redis-lost', `Redis is away: agents work on, nothing is handed out or handed in until it is back. ${redis.problem()}`.trim());
	};

	const ask = async (): Promise<void> => {
		ownDelay.reset();
		const askedAt = performance.now();
		const waiting = setTimeout(() => {
			if (connection.isConnected) say('redis-slow', `Redis has not answered for ${seconds(SLOW_MS)}.`, 'warning');
		}, SLOW_MS);
		try {
			await epoch.check(connection);
			const tookMs = performance.now() - askedAt;
			const isSlow = tookMs >= SLOW_MS && ownDelay.max / 1e6 < OWN_DELAY_MS;
			say('redis-slow', isSlow ? `Redis answers slowly (${seconds(tookMs)}): everything takes longer.` : '', 'warning');
			say('redis-busy', '');
			say('recovery', epoch.finding() && tellRecovery(epoch.finding()));
			const troubles = troublesOf(readInfo(String(await connection.call('INFO'))));
			for (const id of TROUBLES) say(id, troubles.get(id) ?? '');
		} catch (error) {
			// While it is away or refuses to write, other rows say so.
			if (!isRefusedForNow(error)) return;
			say('redis-busy', error.message.startsWith('BUSY') ? 'Redis is busy with a long script of somebody’s: everything waits for it.' : '');
		} finally {
			clearTimeout(waiting);
		}
	};

	const timer = setInterval(() => {
		lookAtConnection();
		if (isLooking || !connection.isConnected) return;
		isLooking = true;
		ask()
			.catch(error => log(`looking at Redis: ${String(error)}`))
			.finally(() => {
				isLooking = false;
			});
	}, LOOK_MS);
	return () => {
		clearInterval(timer);
		ownDelay.disable();
	};
};
