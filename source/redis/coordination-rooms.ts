import {AGREED, type Agreed, DATA_VERSION, parseCard, type Rooms} from '../core/team/rooms.ts';
import {safeId} from './scripts/arguments.ts';
import {fieldsOf, listOf, rowsOf, wordOf, wordsOf} from './scripts/replies.ts';
import type {ArgumentsOf, ScriptName} from './scripts/table.ts';

/** A host's name in a form that a human can type after an `@`. */
const hostOf = (name: string): string =>
	name
		.split('.')[0]
		?.replace(/[^A-Za-z0-9_-]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40) || 'machine';

const agreedOf = (word: string): Agreed => {
	const known = AGREED.find(name => name === word);
	if (!known) throw new TypeError(`Redis says that rooms differ in \`${word}\`, which is nothing that they agree in.`);
	return known;
};

/** Operations on a team's rooms, over the scripts. */
export const createRooms = (run: <Name extends ScriptName>(name: Name, given: ArgumentsOf<Name>) => Promise<unknown>): Rooms => ({
	async joinTeam(joining) {
		const given = {...joining, room: safeId(joining.room), host: hostOf(joining.host), data: DATA_VERSION};
		const [code, first = '', second = '', third = '', , fifth = ''] = wordsOf(await run('join-team', given));
		const word = wordOf([code], 'ok', 'moving', 'alive', 'differs', 'local');
		switch (word) {
			case 'ok':
				return {code: word, host: first};
			case 'moving':
				return {code: word, to: first};
			case 'alive':
				return {code: word, life: first, beat: second, leaseMs: Number(third) || joining.leaseMs};
			case 'differs':
				return {code: word, what: agreedOf(first), theirs: second, ours: third, host: fifth};
			case 'local':
				return {code: word, room: first, host: second};
		}
	},
	async leadTeam(life, lead) {
		const [code, first = '', second = ''] = wordsOf(await run('lead-team', {...lead, room: safeId(life)}));
		const word = wordOf([code], 'ok', 'other', 'gone');
		if (word === 'gone') return {code: word};
		return word === 'ok' ? {code: word, token: first} : {code: word, stands: first, room: second};
	},
	async resignLead(life, token) {
		wordOf(await run('resign-lead', {token, room: safeId(life)}), 'ok');
	},
	async leaveTeam(life) {
		wordOf(await run('leave-team', {room: safeId(life)}), 'ok');
	},
	async nameAgents(room, slots) {
		const given = slots.flatMap(({short, slot, number}) => [short, String(slot), number === 0 ? '' : String(number)]);
		const [code, ...numbers] = wordsOf(await run('name-agents', {room: safeId(room), 'slots...': given}));
		wordOf([code], 'ok');
		return numbers.map(Number);
	},
	async rooms() {
		const [now, rooms, leader] = listOf(await run('rooms', {}));
		return {
			now: Number(now),
			leader: String(leader),
			rooms: rowsOf(rooms, 3).map(([room, fields, beat]) => parseCard(String(room), fieldsOf(fields), Number(beat))),
		};
	},
});
