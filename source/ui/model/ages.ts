import type {RoomSnapshot} from '../../store/room.ts';

/** A span in at most four cells: `4s`, `40s`, `12m`, `3h`, `9d`. Negative spans (clocks differ) are `0s`. */
export const age = (ms: number): string => {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	if (seconds < 100) return `${seconds}s`;
	if (seconds < 6000) return `${Math.floor(seconds / 60)}m`;
	if (seconds < 360_000) return `${Math.floor(seconds / 3600)}h`;
	return `${Math.min(999, Math.floor(seconds / 86_400))}d`;
};

/** Age of a time of the team's clock; '' where the time is unset. */
export const ageOf = (at: number, serverNow: number): string => (at > 0 ? age(serverNow - at) : '');

/** The team's clock now, epoch ms. */
export const serverNow = (snapshot: RoomSnapshot, now: number): number => now + snapshot.clockOffset;

/** `14:32` on this machine's clock. */
export const clock = (at: number): string => {
	const date = new Date(at);
	return `${String(date.getHours()).padStart(2, '0')}:${String(date.getMinutes()).padStart(2, '0')}`;
};
