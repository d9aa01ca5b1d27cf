import {expect, test} from 'vitest';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {runRoom} from '../../../source/ui/screen/room-keys.ts';
import {drive} from '../fixtures/driver.ts';
import {busyRoom} from '../fixtures/room.ts';

test('every action of the room that the help or the palette names does something, or says why it does not', () => {
	const rows = KEYS.filter(({scope}) => scope === 'room');
	expect(rows.length).toBeGreaterThan(50);
	const silent = rows.filter(({action}) => {
		const driver = drive(busyRoom());
		const {state, commands} = runRoom(driver.state, action, driver.context());
		return state === driver.state && commands.length === 0;
	});
	expect(silent.map(({action}) => action)).toEqual([]);
});

test('an order that has a row of its own is carried out', () => {
	const driver = drive(busyRoom());
	expect(runRoom(driver.state, 'pause-all', driver.context()).commands).toEqual([{type: 'dispatch', action: {type: 'pause-all'}}]);
});
