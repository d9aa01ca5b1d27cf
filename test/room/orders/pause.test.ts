import {expect, test} from 'vitest';
import {atWorkBehindProxy} from '../../helpers/behind-proxy.ts';
import {DEV_1, type TestRoom} from '../../helpers/engine.ts';

const shown = (room: TestRoom) => room.store.getSnapshot().team.agents.get(DEV_1);
const told = (room: TestRoom) => room.events.filter(({text}) => text === 'paused by you');

test.each(['down', 'hang'] as const)(
	'a pause waits for no Redis (%s): the agent stands still at once, and it is written when Redis is back',
	async fault => {
		const {room, proxy} = await atWorkBehindProxy();
		proxy[fault]();
		const ordered = room.ask({type: 'pause-agent', agent: DEV_1});
		await room.when('the pause', () => shown(room)?.status === 'paused');
		// A stopped program does not see that it may go on.
		room.touch('go-a');
		expect(told(room)).toEqual([]);
		proxy.restore();
		expect(await ordered).toMatchObject({ok: true});
		await room.when('the record', () => told(room).length > 0 && room.agent(DEV_1).paused);
		expect(room.has('moved')).toBe(false);
		await room.must({type: 'resume-agent', agent: DEV_1});
		await room.when('the end', () => room.task('a').state === 'merged');
	},
);

test('a pause that Redis never knew is taken back without it, and is not written later', async () => {
	const {room, proxy} = await atWorkBehindProxy();
	proxy.down();
	await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
	expect(await room.ask({type: 'pause-agent', agent: DEV_1})).toMatchObject({text: expect.stringContaining('dev-1 stands still')});
	expect(await room.ask({type: 'resume-agent', agent: DEV_1})).toMatchObject({ok: true, text: 'dev-1 goes on'});
	room.touch('go-a');
	await room.when('its last step', () => room.has('moved'));
	proxy.restore();
	await room.when('the end', () => room.task('a').state === 'merged');
	expect(told(room)).toEqual([]);
});
