import type {ExternalLease, RoomBeat} from '../../core/intake/external-workers.ts';
import type {Expired, Swept} from '../../core/team/coordination.ts';

export type Seen = Pick<Swept, 'expired' | 'rooms' | 'externalWorkers' | 'externalLeases'>;

/** What may be taken from which owner. Repeated with every look, or every few seconds, until it no longer applies. */
export type Verdict = {
	/** Leases of agents whose room is gone, past their deadline. */
	readonly leases: readonly Expired[];
	readonly rooms: readonly RoomBeat[];
	/** External workers that fell silent. */
	readonly externalWorkers: readonly string[];
	/** Leases of external workers that are silent, or never had a heartbeat and whose lock has ended. */
	readonly externalLeases: readonly ExternalLease[];
	/** Something will be due in this many ms; undefined if nothing is. */
	readonly nextMs: number | undefined;
};

/** `now` by this machine's monotonic clock. `isJudge`: its verdict is carried out; any other only watches, so as to know when it must judge. */
export type Observation = {readonly now: number; readonly isJudge: boolean};

export type Liveness = {observe(seen: Seen, observation: Observation): Verdict};

/** A sweep later than this was late: the observer itself was stopped, or Redis was away, and no owner could show that it lives. */
const LATE_MS = 3000;
/** An external worker's heartbeat is a key with an expiry: a clock set back must not keep it alive, a slow server may keep it this long. */
const SLACK_MS = 1000;
const TELL_AGAIN_MS = 10_000;
const FORGET_MS = 900_000;

type Watched = {
	stamp: string;
	/** When it last moved, and how long it lives without moving. */
	since: number;
	ttlMs: number;
	/** Minimum grace after a gap of the observer. */
	graceMs: number;
	isGone: boolean;
	seenAt: number;
	toldAt: number;
};

/**
 * Decides which owners are gone. Liveness is the progress of a heartbeat by this machine's monotonic clock (Kubernetes' rule), watched from the
 * first look on: a room is gone when its sequence has not moved for a whole lease, then its leases as their deadlines pass. Guarantee: no wall-clock
 * step, on any host, can end a live owner or keep a crashed one. After a gap of its own the observer grants everyone a whole lease. `leaseMs` is
 * used if a lease or a lifetime is unknown.
 */
export const createLiveness = (leaseMs: number): Liveness => {
	const watched = new Map<string, Watched>();
	let lookedAt = Number.NaN;

	/** An expired key (stamp '') is no movement; for one never seen before, the wait starts now. */
	const watch = (key: string, stamp: string, now: number, ttlMs: number, longestGraceMs = Number.POSITIVE_INFINITY): Watched => {
		const known = watched.get(key);
		if (known && (stamp === '' || known.stamp === stamp)) return Object.assign(known, {seenAt: now, isGone: stamp === ''});
		const lasts = ttlMs < 0 ? Number.POSITIVE_INFINITY : ttlMs;
		const times = {since: now, ttlMs: lasts, graceMs: Math.min(lasts, longestGraceMs), seenAt: now, toldAt: Number.NEGATIVE_INFINITY};
		const fresh = {stamp, isGone: stamp === '', ...times};
		watched.set(key, fresh);
		return fresh;
	};
	const leftOf = ({since, ttlMs}: Watched, now: number): number => since + ttlMs - now;
	const isDue = (entry: Watched, now: number): boolean => leftOf(entry, now) <= 0;
	/** For an external worker's key, which may still exist. */
	const isOver = (entry: Watched, now: number): boolean => leftOf(entry, now) <= (entry.isGone ? 0 : -SLACK_MS);
	const mayTell = (entry: Watched, {now, isJudge}: Observation): boolean => {
		if (!isJudge || now - entry.toldAt < TELL_AGAIN_MS) return false;
		entry.toldAt = now;
		return true;
	};

	return {
		observe({expired, rooms, externalWorkers, externalLeases}, {now, isJudge}) {
			if (now - lookedAt > LATE_MS)
				for (const entry of watched.values()) entry.since = Math.max(entry.since, now - entry.ttlMs + entry.graceMs);
			lookedAt = now;
			if (watched.size > 2000) for (const [key, entry] of watched) if (now - entry.seenAt > FORGET_MS) watched.delete(key);

			const soon: number[] = [];
			const note = (entry: Watched): void => {
				if (!isDue(entry, now)) soon.push(leftOf(entry, now));
			};
			const gone = rooms.filter(({room, beat, leaseMs: ms}) => {
				const entry = watch(`room ${room}`, beat === 0 ? '' : String(beat), now, ms);
				return isDue(entry, now) && mayTell(entry, {now, isJudge});
			});
			const leases = expired.filter(lease => {
				const entry =
					watched.get(`room ${lease.room}`) ?? watch(`lease ${lease.token}`, `${lease.agentBeat}:${lease.roomBeat}`, now, leaseMs);
				note(entry);
				return isDue(entry, now);
			});
			const silent = externalWorkers.filter(({agent, stamp, ttlMs}) => {
				if (stamp === 'never') return false;
				const entry = stamp === 'gone' ? watch(`agent ${agent}`, '', now, leaseMs) : watch(`agent ${agent}`, stamp, now, ttlMs);
				if (entry.isGone) note(entry);
				return isOver(entry, now) && mayTell(entry, {now, isJudge});
			});
			const given = externalLeases.filter(lease => {
				const isLocked = lease.lockUntil !== 0;
				const lock = isLocked
					? watch(`lock ${lease.token}`, String(lease.lockUntil), now, lease.ttlMs, leaseMs)
					: watch(`lock ${lease.token}`, '', now, leaseMs);
				const entry = watched.get(`agent ${lease.agent}`) ?? lock;
				if (entry.isGone) note(entry);
				return isOver(entry, now);
			});
			return {
				leases,
				rooms: gone,
				externalWorkers: silent.map(({agent}) => agent),
				externalLeases: given,
				nextMs: soon.length > 0 ? Math.max(0, Math.min(...soon)) : undefined,
			};
		},
	};
};
