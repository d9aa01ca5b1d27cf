import type {RoomSnapshot} from '../../store/room.ts';

/**
 * Remembers the last answer of a pure derivation: the same snapshot within the same second is not derived again, however many parts of
 * a screen ask. Ages count whole seconds, so nothing that is shown can be older than that.
 */
export const remember = <T>(derive: (snapshot: RoomSnapshot, now: number) => T): ((snapshot: RoomSnapshot, now: number) => T) => {
	const answers = new WeakMap<RoomSnapshot, {readonly second: number; readonly answer: T}>();
	return (snapshot, now) => {
		const second = Math.floor(now / 1000);
		const known = answers.get(snapshot);
		if (known?.second === second) return known.answer;
		const answer = derive(snapshot, now);
		answers.set(snapshot, {second, answer});
		return answer;
	};
};
