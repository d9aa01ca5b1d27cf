import type {Expired} from '../core/coordination.ts';

export type Liveness = {observe(expired: readonly Expired[], monotonicMs: number): readonly Expired[]};

/**
 * Decides which expired leases may be taken back. Liveness is the progress of a heartbeat sequence seen against this machine's
 * monotonic clock (Kubernetes' rule): a lease is dead only when it is past its deadline *and* neither its agent's nor its room's
 * heartbeat has moved for a whole lease by that clock. No wall-clock step, on any host, can kill a live agent or keep a dead one.
 */
export const createLiveness = (leaseMs: number): Liveness => {
	const seen = new Map<string, {readonly beats: string; readonly since: number}>();
	return {
		observe(expired, monotonicMs) {
			const current = new Set(expired.map(lease => lease.token));
			for (const token of seen.keys()) if (!current.has(token)) seen.delete(token);
			return expired.filter(lease => {
				const beats = `${lease.agentBeat}:${lease.roomBeat}`;
				const before = seen.get(lease.token);
				if (before?.beats !== beats) {
					seen.set(lease.token, {beats, since: monotonicMs});
					return false;
				}
				return monotonicMs - before.since >= leaseMs;
			});
		},
	};
};
