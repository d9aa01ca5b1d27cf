import {type Agent, isAsking} from '../core/agent.ts';
import type {RoomSnapshot} from '../store/room.ts';
import {LOOKS, lookOf} from './model/looks.ts';

/** A bell rings only for somebody who is not at the keys: no key for this long, ms. */
const AWAY_MS = 6000;

export type Notices = {
	/** Bytes for the terminal after a change of the room: its title, and the bell once for every new question. '' for none. */
	next(snapshot: RoomSnapshot, now: number, person: {readonly hasFocus: boolean; readonly lastKeyAt: number}): string;
	/** The title once more, for a terminal that another program has had meanwhile. */
	again(): string;
};

/** Somebody must answer it, or log it in again. */
const needsYou = (agent: Agent): boolean => isAsking(agent) || agent.status === 'logged-out';

/** Remembers which questions were told, so that one question rings once, however often the screen is drawn. */
export const createNotices = (): Notices => {
	let told: ReadonlySet<string> | undefined;
	let title = '';
	const titled = (text: string): string => (text ? `\x1b]2;${text}\x07` : '');
	return {
		again: () => titled(title),
		next: ({team}, now, {hasFocus, lastKeyAt}) => {
			const agents = [...team.agents.values()];
			const asking = [
				...agents.filter(needsYou).map(agent => `${agent.id} ${agent.questionId}`),
				...[...team.tasks.values()].filter(task => task.asks).map(task => `${task.id} ${task.asks} ${task.stageAt}`),
			];
			// What asked before this terminal came is on its screen already.
			const known = told ?? new Set(asking);
			const isNew = asking.some(question => !known.has(question));
			told = new Set(asking);
			const working = agents.filter(agent => LOOKS[lookOf(agent)].group === 'working' || LOOKS[lookOf(agent)].group === 'review').length;
			const next = `${asking.length > 0 ? `${asking.length}▲ ` : ''}${working}● agent-room`;
			const rename = next === title ? '' : titled(next);
			title = next;
			const isAway = !hasFocus || now - lastKeyAt > AWAY_MS;
			return rename + (isNew && isAway ? '\x07' : '');
		},
	};
};
