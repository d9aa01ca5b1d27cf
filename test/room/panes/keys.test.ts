import {expect, test} from 'vitest';
import type {Panes, Typed} from '../../../source/core/team/panes.ts';
import {createTaking} from '../../../source/room/panes/keys.ts';
import type {PaneShow} from '../../../source/room/panes/show.ts';
import type {Slots} from '../../../source/room/parts/slots.ts';

const AGENT = 'agent:dev:001';
const keys: Typed = {
	...{agent: AGENT, room: 'room:b:1', person: 'alice\x1b[2J@laptop', run: '7', seen: 4, ageMs: 20},
	keys: `k${Buffer.from('ls\r').toString('base64')}`,
};

/** What a room did with keys that came while its program 7 stood at frame 5, which was sent a second ago. */
const taken = async (typed: Partial<Typed>, isTypingOff = false) => {
	const done: string[] = [];
	const take = createTaking({
		coordination: {takeTyped: async () => [{...keys, ...typed}]} as unknown as Panes,
		slots: {
			pane: (agent: string) =>
				agent === AGENT
					? {
							handle: {
								write: (bytes: Uint8Array) => done.push(`typed ${JSON.stringify(String(bytes))}`),
								resize: (x: number, y: number) => done.push(`size ${x} ${y}`),
							},
						}
					: undefined,
		} as unknown as Slots,
		roomId: 'room:a:1',
		show: {
			run: () => '7',
			outdatedFor: (_agent: string, seen: number) => ({4: 1000, 5: 0, 3: 3001})[seen],
			untyped: (_agent: string, {room, why}: {room: string; why: string}) => done.push(`${why} to ${room}`),
		} as unknown as PaneShow,
		isTypingOff,
		log: line => done.push(line),
	});
	take();
	await new Promise(setImmediate);
	return done;
};

test('keys are typed where the person saw what stands there', async () => {
	expect(await taken({})).toEqual(['alice@laptop types into dev-1', 'typed "ls\\r"']);
	expect(await taken({keys: 's90x30'})).toEqual(['size 90 30']);
});

test.each([
	[{run: '6'}, 'ended to room:b:1'],
	[{run: ''}, 'ended to room:b:1'],
	[{ageMs: 5001}, 'late to room:b:1'],
	[{seen: 3}, 'unseen to room:b:1'],
	[{seen: 99}, 'unseen to room:b:1'],
])('and nothing is where they did not: %j', async (typed, told) => {
	expect(await taken(typed)).toEqual([told]);
	expect(await taken({...typed, keys: 's90x30'})).toEqual([]);
});

test('nor for an agent that is not of this room, nor where it is off, nor what is no key', async () => {
	expect(await taken({agent: 'agent:dev:002'})).toEqual([]);
	expect(await taken({}, true)).toEqual(['off to room:b:1']);
	expect(await taken({keys: 'rm -rf'})).toEqual([]);
});
