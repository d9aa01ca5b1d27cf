import {expect, test} from 'vitest';
import type {Action} from '../../../source/core/protocol/action.ts';
import {atWorkBehindProxy} from '../../helpers/behind-proxy.ts';
import {standingFor} from '../../helpers/cases.ts';
import {DEV_1, type TestRoom} from '../../helpers/engine.ts';

type Kind = {
	readonly on: Action;
	readonly off: Action;
	readonly isShown: (room: TestRoom) => boolean;
	/** What Redis was told of it, in order. */
	readonly told: (room: TestRoom) => readonly string[];
	readonly alone: string;
	readonly goesOn: string;
};

const snapshot = (room: TestRoom) => room.store.getSnapshot().team;
const told = (read: (event: TestRoom['events'][number]) => string | undefined) => (room: TestRoom) =>
	room.events.map(read).filter(word => word !== undefined);

const KINDS: Readonly<Record<string, Kind>> = {
	'a pause': {
		on: {type: 'pause-agent', agent: DEV_1},
		off: {type: 'resume-agent', agent: DEV_1},
		isShown: room => snapshot(room).agents.get(DEV_1)?.status === 'paused',
		told: told(({agentFields}) => agentFields.paused),
		alone: 'dev-1 is paused here',
		goesOn: 'dev-1 resumed',
	},
	'a pause of all': {
		on: {type: 'pause-all'},
		off: {type: 'resume-all'},
		isShown: room => snapshot(room).control.paused,
		told: told(({controlFields}) => controlFields.paused),
		alone: 'this room is frozen',
		goesOn: 'this room is unfrozen',
	},
	'a freeze': {
		on: {type: 'freeze', on: true},
		off: {type: 'freeze', on: false},
		isShown: room => snapshot(room).control.frozen,
		told: told(({controlFields}) => controlFields.frozen),
		alone: 'this room is frozen',
		goesOn: 'this room is unfrozen',
	},
};
const kinds = Object.entries(KINDS);
const faults = (['down', 'hang'] as const).flatMap(fault => kinds.map(([name, kind]) => [name, fault, kind] as const));

test.each(standingFor(faults, ([name, fault]) => (fault === 'hang') === (name === 'a pause')))(
	'%s waits for no Redis (%s): the agent stands still at once, and it is written when Redis is back',
	async (_, fault, kind) => {
		const {room, proxy} = await atWorkBehindProxy();
		proxy[fault]();
		const ordered = room.ask(kind.on);
		await room.when('the pause', () => kind.isShown(room));
		// A stopped program does not see that it may go on.
		room.touch('go-a');
		expect(kind.told(room)).not.toContain('1');
		proxy.restore();
		expect(await ordered).toMatchObject({ok: true});
		await room.when('the record', () => kind.told(room).includes('1') && room.agent(DEV_1).status === 'paused');
		expect(room.has('moved')).toBe(false);
		expect(room.task('a')).toMatchObject({state: 'leased', attempt: 1});
		await room.must(kind.off);
		await room.when('the end', () => room.task('a').state === 'merged');
	},
);

test.each(kinds)('%s that Redis never knew is taken back without it, and is not written later', async (_, kind) => {
	const {room, proxy} = await atWorkBehindProxy();
	proxy.down();
	await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
	expect(await room.ask(kind.on)).toMatchObject({text: expect.stringContaining(kind.alone)});
	await room.when('the pause', () => kind.isShown(room));
	// Given twice, it is one order: taking it back once takes back both.
	expect(await room.ask(kind.on)).toMatchObject({text: expect.stringContaining(kind.alone)});
	expect(await room.ask(kind.off)).toMatchObject({ok: true, text: kind.goesOn});
	room.touch('go-a');
	await room.when('its last step', () => room.has('moved'));
	proxy.restore();
	await room.when('the end', () => room.task('a').state === 'merged');
	expect(kind.told(room)).not.toContain('1');
	expect(room.events.some(({agentFields}) => agentFields.status === 'paused')).toBe(false);
});
