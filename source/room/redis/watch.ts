import type {RoomEvent} from '../../core/event/event.ts';
import {tellRecovery} from '../../core/team/snapshot.ts';
import {isRefusedForNow} from '../../redis/errors.ts';
import {PROBLEMS, problemsOf, readInfo} from '../../redis/requirements.ts';
import {cleanText} from '../../terminal/text/clean.ts';
import type {RoomState} from '../parts/state.ts';
import type {RoomRedis} from './redis.ts';

/** What is told of data that Redis lost beside what is missing, '' for nothing; `isSure`: no human has to decide. */
export type Healing = {readonly words: string; readonly isSure: boolean};

/** How often Redis is checked, ms: a problem is on the screen within 2 s. */
const LOOK_MS = 500;
/** Redis answers slowly from here on, ms. */
const SLOW_MS = 400;
/** A room that was itself delayed this long, ms, has not measured Redis. */
const OWN_DELAY_MS = 200;
/** How often a room that waits for Redis checks its own clock, ms. */
const OWN_LOOK_MS = 20;
/** A connection that is back within this, ms, does not count as lost. */
const LOST_MS = 400;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Measures how late this process is until asked: the longest delay, ms. A room that waits for nothing is not woken for it. */
const measureOwnDelay = (): (() => number) => {
	let lookedAt = performance.now();
	let longest = 0;
	const look = (): void => {
		const now = performance.now();
		longest = Math.max(longest, now - lookedAt - OWN_LOOK_MS);
		lookedAt = now;
	};
	const timer = setInterval(look, OWN_LOOK_MS);
	return () => {
		clearInterval(timer);
		look();
		return longest;
	};
};

/**
 * Checks Redis twice a second and shows problems: away, slow, busy, full, read-only, evicting, other data. Its findings decide nothing, except the
 * comparison of epochs, which holds claims. Returns the function that stops it.
 */
export const watchRedis = (
	redis: RoomRedis,
	state: RoomState,
	{
		log,
		lookAtLoss,
		heal,
	}: {
		readonly log: (line: string) => void;
		readonly lookAtLoss: () => Promise<string>;
		/** Goes on without a human where that is safe, at each look while data are lost. */
		readonly heal: (finding: string) => Promise<Healing>;
	},
): (() => void) => {
	const {connection, epoch, journal} = redis;
	/** What was lost, as shown, and the finding it belongs to. */
	let loss = {of: '', counts: '', isSalvaged: false, isHealing: false, healing: {words: '', isSure: false}};
	/** What the room had read when its connection was lost: nothing that another server has written since. */
	let atLoss: readonly RoomEvent[] | undefined;
	connection.onLost(() => {
		atLoss ??= state.team().events;
	});
	let isLooking = false;
	let lostSince: number | undefined;

	const say = (id: string, text: string, severity: 'error' | 'warning' = 'error'): void =>
		state.setBanner(id, text === '' ? undefined : {severity, text: cleanText(text, 400)});

	/** What the room has read but not yet written goes into the journal before a human sees the loss. */
	const look = (about: typeof loss): void => {
		journal
			.salvage(atLoss ?? state.team().events)
			.then(() => {
				about.isSalvaged = true;
				return lookAtLoss();
			})
			.then(counts => {
				about.counts = counts;
				if (about === loss && about.healing.words === '') state.setLoss(counts);
			})
			.catch(error => log(`looking at what Redis lost: ${String(error)}`));
	};

	/** Nobody has to decide about what the journals of the team know: it is put back, or waited for. */
	const tryHealing = (about: typeof loss): void => {
		if (about.of === '' || !about.isSalvaged || about.isHealing) return;
		about.isHealing = true;
		heal(about.of)
			.then(healing => {
				about.healing = healing;
				if (about === loss) state.setLoss(healing.words || about.counts);
			})
			.catch(error => log(`comparing the journals: ${String(error)}`))
			.finally(() => {
				about.isHealing = false;
			});
	};

	const checkConnection = (): void => {
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
		say(
			'redis-lost',
			`Redis disconnected. Agents keep running; no tasks are assigned or submitted until it is back. ${redis.problem()}`.trim(),
		);
	};

	const ask = async (): Promise<void> => {
		const ownDelay = measureOwnDelay();
		const askedAt = performance.now();
		const waiting = setTimeout(() => {
			if (connection.isConnected) say('redis-slow', `Redis has not answered for ${seconds(SLOW_MS)}.`, 'warning');
		}, SLOW_MS);
		try {
			await epoch.check(connection);
			const tookMs = performance.now() - askedAt;
			const isSlow = tookMs >= SLOW_MS && ownDelay() < OWN_DELAY_MS;
			say('redis-slow', isSlow ? `Redis answers slowly (${seconds(tookMs)}): everything takes longer.` : '', 'warning');
			say('redis-busy', '');
			const finding = epoch.finding();
			if (finding !== loss.of) {
				loss = {of: finding, counts: '', isSalvaged: false, isHealing: false, healing: {words: '', isSure: false}};
				state.setLoss('');
				if (finding !== '') look(loss);
			}
			tryHealing(loss);
			const {words, isSure} = loss.healing;
			say('recovery', finding && (isSure ? `${finding}: ${words}.` : tellRecovery(finding, words || loss.counts)));
			say('journal', journal.problem(), 'warning');
			if (finding === '') {
				atLoss = undefined;
				void journal.catchUp();
			}
			const info = readInfo(String(await connection.call('INFO')));
			// Asked before and after: a copy that took over in between may have lost something.
			if (finding === '' && epoch.finding() === '') epoch.noteServer(info.get('master_replid') ?? '');
			const problems = problemsOf(info, redis);
			for (const id of PROBLEMS) say(id, problems.get(id) ?? '');
		} catch (error) {
			// While it is away or refuses to write, other messages say so.
			if (!isRefusedForNow(error)) return;
			say(
				'redis-busy',
				error.message.startsWith('BUSY') ? 'Redis is busy with another client’s long script: everything waits for it.' : '',
			);
		} finally {
			clearTimeout(waiting);
			ownDelay();
		}
	};

	say('redis-volatile', redis.note, 'warning');
	const timer = setInterval(() => {
		checkConnection();
		if (isLooking || !connection.isConnected) return;
		isLooking = true;
		ask()
			.catch(error => log(`checking Redis: ${String(error)}`))
			.finally(() => {
				isLooking = false;
			});
	}, LOOK_MS);
	return () => clearInterval(timer);
};
