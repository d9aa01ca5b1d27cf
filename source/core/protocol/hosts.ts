import type {RoomCard} from '../team/rooms.ts';
import type {TeamSnapshot} from '../team/snapshot.ts';
import type {HostLine} from './output-schema.ts';

const stateOf = ({beat, beatAt, endedAt, ended, leaseMs}: RoomCard, now: number): HostLine['state'] => {
	if (endedAt > 0) return ended === 'stopped' ? 'stopped' : 'gone';
	if (beat === 0) return 'gone';
	return beatAt > 0 && now - beatAt > leaseMs ? 'silent' : 'up';
};

const ORDER: readonly HostLine['state'][] = ['up', 'silent', 'gone', 'stopped'];

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
				leads: card.life === leader && state !== 'gone' && state !== 'stopped',
				room: card.life,
				machine: card.machine,
				version: card.version,
				load: card.load,
				memory: card.memory,
				agents: own.length,
				working: own.filter(({task}) => task !== '').length,
				joinedAt: card.joinedAt,
				beatAt: card.beatAt,
			};
		})
		.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.host.localeCompare(b.host) || a.room.localeCompare(b.room));
