import type {Agent} from '../../core/agent.ts';
import type {RoomSnapshot} from '../../store/room.ts';

/** How an agent's heartbeat stands; `ageMs` undefined before its first. `late`: half of its time has passed; `over`: all of it. */
export type Heartbeat = {
	readonly agent: Agent;
	readonly ageMs: number | undefined;
	readonly state: 'fresh' | 'late' | 'over' | 'none';
};

const stateOf = (ageMs: number | undefined, ttlMs: number): Heartbeat['state'] => {
	if (ageMs === undefined) return 'none';
	return ageMs >= ttlMs ? 'over' : ageMs > ttlMs / 2 ? 'late' : 'fresh';
};

/** Heartbeats of all who have not stopped, the oldest first; `now` is server time. */
export const heartbeats = ({team, beats, heartbeatTtlMs}: RoomSnapshot, now: number): readonly Heartbeat[] =>
	[...team.agents.values()]
		.filter(({status}) => status !== 'stopped')
		.map((agent): Heartbeat => {
			const at = beats.get(agent.id);
			const ageMs = at === undefined ? undefined : Math.max(0, now - at);
			return {agent, ageMs, state: stateOf(ageMs, heartbeatTtlMs)};
		})
		.sort(
			(a, b) =>
				Number(b.state !== 'fresh') - Number(a.state !== 'fresh') ||
				(a.state === 'fresh' ? 0 : (b.ageMs ?? 0) - (a.ageMs ?? 0)) ||
				a.agent.id.localeCompare(b.agent.id, 'en', {numeric: true}),
		);
