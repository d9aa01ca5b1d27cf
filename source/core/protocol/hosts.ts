import type {Agent} from '../agent/agent.ts';
import {roleWord} from '../agent/role-label.ts';
import type {RoomCard} from '../team/rooms.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import type {HostLine} from './output-schema.ts';

const stateOf = ({beat, beatAt, endedAt, ended, leaseMs, draining}: RoomCard, now: number): HostLine['state'] => {
	if (endedAt > 0) return ended === 'stopped' ? 'stopped' : 'gone';
	if (beat === 0) return 'gone';
	if (beatAt > 0 && now - beatAt > leaseMs) return 'silent';
	return draining ? 'draining' : 'up';
};

/** Whether its room may still beat. */
export const isThere = ({state}: Pick<HostLine, 'state'>): boolean => state !== 'gone' && state !== 'stopped';

/** The state of a machine in words: `up, leads`, `draining, 2 tasks to end`. */
export const stateText = ({state, leads, working}: Pick<HostLine, 'state' | 'leads' | 'working'>): string => {
	const left = state === 'draining' && working > 0 ? `, ${working === 1 ? '1 task' : `${working} tasks`} to end` : '';
	return `${state}${left}${leads ? ', leads' : ''}`;
};

/** What a machine may run, in one line: `8 developer, 2 reviewer, 1 test runner`. */
export const runsText = ({runs}: Pick<HostLine, 'runs'>): string => {
	const roles = Map.groupBy(runs, ({role}) => role);
	return [...roles].map(([role, alike]) => `${alike.reduce((sum, {agents}) => sum + agents, 0)} ${roleWord(role)}`).join(', ');
};

const ORDER: readonly HostLine['state'][] = ['up', 'draining', 'silent', 'gone', 'stopped'];

const runsOf = (agents: readonly Agent[]): HostLine['runs'] =>
	[...Map.groupBy(agents, ({role, harness}) => JSON.stringify([role, harness])).values()]
		.flatMap(alike => (alike[0] ? [{role: alike[0].role, harness: alike[0].harness, agents: alike.length}] : []))
		.toSorted((a, b) => a.role.localeCompare(b.role));

/** The rooms of a team as `hosts --json` prints them, those that work first. `now` is server time, epoch ms; `leader` a room's life. */
export const hostLines = (
	cards: readonly RoomCard[],
	{agents}: Pick<TeamSnapshot, 'agents'>,
	{now, leader}: {readonly now: number; readonly leader: string},
): readonly HostLine[] =>
	cards
		.map((card): HostLine => {
			const state = stateOf(card, now);
			const own = [...agents.values()].filter(({room, status}) => room === card.life && status !== 'stopped' && status !== 'unreachable');
			return {
				host: card.host,
				state,
				leads: card.life === leader && isThere({state}),
				room: card.life,
				machine: card.machine,
				version: card.version,
				load: card.load,
				memory: card.memory,
				agents: own.length,
				working: own.filter(({task}) => task !== '').length,
				runs: runsOf(own),
				offers: [...new Set(own.flatMap(({capabilities}) => capabilities))].toSorted(),
				joinedAt: card.joinedAt,
				beatAt: card.beatAt,
			};
		})
		.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.host.localeCompare(b.host) || a.room.localeCompare(b.room));
