import {describe, expect, test} from 'vitest';
import type {RoomSnapshot} from '../../../source/store/room.ts';
import {hintLine} from '../../../source/ui/screen/bottom.ts';
import {drive} from '../fixtures/driver.ts';
import {agent, busyRoom, NOW, room} from '../fixtures/room.ts';

const said = (keys: readonly string[], snapshot = busyRoom()): string => drive(snapshot).keys(...keys).state.toast?.text ?? '';

describe('a key that does nothing', () => {
	test.each([
		['in the room', ['Q'], 'Q does nothing here: ? shows the keys.'],
		['in a question', ['x', 'z'], 'z does nothing here: ? shows the keys.'],
		['on a page', ['m', 'Q'], 'Q does nothing here: ? shows the keys.'],
		['on a card that asks nothing', ['j', 'j', 'space', 'Q'], 'Q does nothing here: ? shows the keys.'],
	])('says so %s', (_where, keys, text) => {
		expect(said(keys)).toBe(text);
	});

	test('says what it waits for', () => {
		const frozen = busyRoom({control: {frozen: true}});
		expect(said(['X', 'i'], frozen)).toBe('interrupt turns is not possible now: the freeze is shorter than five minutes.');
	});

	test.each([
		['at the end of a list', ['k', 'g']],
		['where a person is already', ['1', 'esc']],
		['that is text', ['n', 'Q', 'ctrl+x']],
		['that is text of a filter', ['/', 'Q', '~']],
	])('needs no word %s', (_where, keys) => {
		expect(said(keys)).toBe('');
	});

	test('is dropped without a word on a card that has not been seen', () => {
		expect(drive(busyRoom()).keys('j', 'j').burst('space', 'Q').state.toast).toBeUndefined();
	});

	test('leaves what another key has said', () => {
		expect(said(['a'], room())).toBe('Nothing needs you.');
	});
});

describe('an agent that runs no program', () => {
	const resting = (): RoomSnapshot => {
		const snapshot = busyRoom();
		const agents = new Map(snapshot.team.agents);
		agents.set('agent:dev:003', agent('dev', 3, {status: 'needs-input', questionId: 'q', question: 'which?', statusAt: NOW - 120_000}));
		const panes = new Map([...snapshot.panes].map(([id, pane]) => [id, {...pane, isRunning: id !== 'agent:dev:003'}] as const));
		return {...snapshot, panes, team: {...snapshot.team, agents}};
	};

	test('is not typed into, and it is said why', () => {
		const {state, commands} = drive(resting()).keys('i');
		expect([state.typing, state.dialog, commands]).toEqual(['', undefined, []]);
		expect(state.toast?.text).toBe('dev-3 has no task, so nothing reads what you type: n adds a task, [ shows its last output.');
		expect(drive(resting()).keys('a', 'right').state.typing).toBe('');
	});

	test('is typed into as soon as it has a task, whose program begins in a moment', () => {
		const snapshot = busyRoom();
		const panes = new Map([...snapshot.panes].map(([id, pane]) => [id, {...pane, isRunning: false}] as const));
		expect(drive({...snapshot, panes}).keys('i').state.dialog?.kind).toBe('hint');
	});

	test('whose program ends under the keys keeps them from the room, and says that the program has exited', () => {
		const driver = drive(busyRoom());
		driver.keys('i', 'ctrl+]');
		driver.snapshot = resting();
		driver.send({type: 'snapshot'});
		expect(driver.state.typing).toBe('agent:dev:003');
		const line = hintLine({...driver.context(), state: driver.state, isAscii: false, paneAge: undefined, tail: () => []});
		expect(line.map(({text}) => text).join('')).toContain('TYPE dev-3 │ ^] room   the program has exited');
	});
});
