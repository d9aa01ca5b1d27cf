import type {RoomSnapshot} from '../store/room.ts';
import {toAscii} from '../terminal/ascii.ts';
import {serverNow} from './model/ages.ts';
import {attention} from './model/attention.ts';
import {LOOKS, lookOf} from './model/looks.ts';

/** What needs an answer counts; what is only amiss does not. */
const ASKING = ['asks', 'logged-out', 'waiting'];

/** `2▲ 13● agent-room`: how many ask, how many work; short, since tmux shows the first 21 characters of a title. */
export const titleOf = (snapshot: RoomSnapshot, now: number, isAscii: boolean): string => {
	const asking = attention(snapshot, serverNow(snapshot, now)).filter(({kind}) => ASKING.includes(kind)).length;
	const working = [...snapshot.team.agents.values()].filter(agent => ['working', 'review'].includes(LOOKS[lookOf(agent)].group)).length;
	const title = `${asking > 0 ? `${asking}▲ ` : ''}${working}● agent-room`;
	return isAscii ? toAscii(title) : title;
};

export const titleBytes = (title: string): string => (title ? `\u001b]2;${title}\u0007` : '');
