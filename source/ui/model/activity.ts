import {activityAt, STEP_MS, STEPS} from '../../core/text/activity.ts';
import type {RoomSnapshot} from '../../store/room.ts';
import {remember} from './time.ts';

/** The height of a step: twice as much output is one more, a tool call is two. Absolute, so that rows compare. */
export const MOST_ACTIVITY = 12;

/** Agent -> tool calls in each of the last steps, as far as the known events reach. */
const callsOf = remember(({team}, now): ReadonlyMap<string, readonly number[]> => {
	const last = Math.floor(now / STEP_MS);
	const calls = new Map<string, number[]>();
	for (const {at, agent, agentFields} of team.events) {
		const index = STEPS - 1 - (last - Math.floor(at / STEP_MS));
		if (!agentFields.doing || index < 0 || index >= STEPS) continue;
		const known = calls.get(agent) ?? new Array<number>(STEPS).fill(0);
		known[index] = (known[index] ?? 0) + 1;
		calls.set(agent, known);
	}
	return calls;
});

/** What an agent did in each of the last steps; undefined where nothing is known. `now`: server time. */
export const activityOf = (agent: string, snapshot: RoomSnapshot, now: number): readonly number[] | undefined => {
	const printed = snapshot.panes.get(agent)?.activity;
	const calls = callsOf(snapshot, now).get(agent);
	if (!printed && !calls) return undefined;
	const bytes = printed ? activityAt(printed, Math.floor((now - snapshot.clockOffset) / STEP_MS)) : [];
	return Array.from({length: STEPS}, (_, at) => Math.log2(1 + (bytes[at] ?? 0) / 64) + 2 * (calls?.[at] ?? 0));
};
