import type {Panes} from '../core/team/panes.ts';
import {safeId} from './scripts/arguments.ts';
import {fieldsOf, rowsOf, wordOf} from './scripts/replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts/table.ts';

const count = (text: string | undefined): number => Math.max(0, Number(text) || 0);

/** The steps about panes that are watched from other rooms, over the scripts. */
export const createPanes = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): Panes => ({
	async watchPane(agent, {room, ttlMs, seen}) {
		return wordOf(await run('watch-pane', {agent: safeId(agent), room: safeId(room), ttlMs, seen}), 'ok', 'gone');
	},
	async showPane(agent, room, frame) {
		return Number(await run('show-pane', {agent: safeId(agent), room: safeId(room), frame}));
	},
	async typeInPane({agent, room, ...typed}) {
		const reply = await run('type-pane', {...typed, agent: safeId(agent), room: safeId(room)});
		return wordOf(reply, 'ok', 'unwatched', 'silent', 'full', 'gone');
	},
	async takeTyped(room) {
		return rowsOf(await run('take-typed', {room: safeId(room)}), 2).map(([ageMs, fields]) => {
			const {agent = '', room = '', person = '', run = '', seen, number, keys = ''} = fieldsOf(fields);
			return {agent, room, person, run, seen: count(seen), number: count(number), keys, ageMs: count(String(ageMs))};
		});
	},
	async answerTyped(agent, {room, to, number, why}) {
		const reply = await run('answer-typed', {agent: safeId(agent), room: safeId(room), to: safeId(to), number, why});
		return wordOf(reply, 'ok', 'gone');
	},
});
