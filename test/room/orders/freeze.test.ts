import {expect, test} from 'vitest';
import {atWorkBehindProxy} from '../../helpers/behind-proxy.ts';
import {DEV_1, type TestRoom} from '../../helpers/engine.ts';

const isFrozen = (room: TestRoom): boolean => room.store.getSnapshot().team.control.frozen;
const orders = (room: TestRoom) => room.events.map(({controlFields}) => controlFields.frozen).filter(word => word !== undefined);

test.each(['down', 'hang'] as const)(
	'a freeze waits for no Redis (%s): agents stop at once, and it is written when Redis is back',
	async fault => {
		const {room, proxy} = await atWorkBehindProxy();
		proxy[fault]();
		const ordered = room.ask({type: 'freeze', on: true});
		await room.when('the freeze', () => isFrozen(room));
		// A stopped program does not see that it may go on.
		room.touch('go-a');
		expect(orders(room)).toEqual([]);
		proxy.restore();
		expect(await ordered).toMatchObject({ok: true});
		await room.when('the record', () => orders(room).includes('1') && room.agent(DEV_1).status === 'paused');
		expect(room.has('moved')).toBe(false);
		expect(room.task('a')).toMatchObject({state: 'leased', attempt: 1});
		await room.must({type: 'freeze', on: false});
		await room.when('the end', () => room.task('a').state === 'merged');
	},
);

test('a freeze that Redis never knew is taken back without it, and is not written later', async () => {
	const {room, proxy} = await atWorkBehindProxy();
	proxy.down();
	await room.when('the loss', () => !room.store.getSnapshot().redis.isConnected);
	expect(await room.ask({type: 'freeze', on: true})).toMatchObject({text: expect.stringContaining('this room stands still')});
	await room.when('the freeze', () => isFrozen(room));
	expect(await room.ask({type: 'freeze', on: false})).toMatchObject({ok: true, text: 'this room goes on'});
	room.touch('go-a');
	await room.when('its last step', () => room.has('moved'));
	proxy.restore();
	await room.when('the end', () => room.task('a').state === 'merged');
	expect(orders(room)).toEqual([]);
});
