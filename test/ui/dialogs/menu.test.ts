import {describe, expect, test} from 'vitest';
import {parseWholeTask} from '../../../source/core/task/task.ts';
import {beneath, type Entry, helpSections, isMenu, paletteEntries} from '../../../source/ui/dialogs/menu.ts';
import {createKeymap} from '../../../source/ui/keymap/keymap.ts';
import {rank, ranked} from '../../../source/ui/model/filter.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import type {Menu} from '../../../source/ui/state/state.ts';
import {pageOf} from '../../../source/ui/state/state.ts';
import {type Driver, drive} from '../fixtures/driver.ts';
import {agent, busyRoom, room} from '../fixtures/room.ts';
import {askingRoom, mergesRoom, texts} from '../fixtures/team.ts';

const offered = (driver: Driver): readonly Entry[] => {
	const {dialog} = driver.state;
	return isMenu(dialog) ? paletteEntries(beneath(driver.state), dialog.filter.text, driver.context()) : [];
};
const names = (driver: Driver): readonly string[] => offered(driver).map(({name}) => name);
const titles = (...scopes: Parameters<typeof helpSections>[1]): readonly string[] =>
	helpSections(createKeymap(KEYS), scopes, '').map(({title}) => title);

describe('a query', () => {
	test('finds by name, by other words and by what is said, in this order', () => {
		const things = [
			{name: 'cancel', words: [], text: 'drop a task'},
			{name: 'release', words: ['drop'], text: ''},
			{name: 'drop', words: [], text: ''},
			{name: 'backdrop', words: [], text: ''},
			{name: 'other', words: [], text: ''},
		];
		expect(ranked('drop', things, thing => thing).map(({name}) => name)).toEqual(['release', 'drop', 'cancel', 'backdrop']);
	});

	test('needs every word, in any order, and takes letters in their order last', () => {
		const thing = {name: 'next attention', words: [], text: 'next question'};
		expect(rank('question next', thing)).toBeGreaterThan(0);
		expect(rank('next zoom', thing)).toBe(0);
		expect(rank('nxt', thing)).toBe(2);
		expect(rank('nxtat', thing)).toBe(0);
		expect(rank('x', {name: 'next', words: [], text: ''})).toBe(15);
	});
});

describe('the palette', () => {
	test('opens by both its keys and runs the best match where it was opened', () => {
		for (const key of [':', 'ctrl+p']) {
			const driver = drive(busyRoom()).keys(key).write('drain');
			expect(names(driver)[0]).toBe('drain');
			expect(driver.keys('enter').commands.at(-1)).toEqual({type: 'dispatch', action: {type: 'drain', on: true}});
			expect(driver.state.dialog).toBeUndefined();
		}
	});

	test('offers every action of the room but itself, each once, with and without a key', () => {
		const all = offered(drive(busyRoom()).keys(':')).map(({id}) => id);
		const wanted = createKeymap(KEYS)
			.rows.filter(({scope, action}) => scope === 'room' && action !== 'palette')
			.map(({scope, action}) => `${scope}.${action}`);
		expect(all.filter(id => id.startsWith('room.')).sort()).toEqual([...wanted].sort());
		for (const name of ['detach-all', 'pause-all', 'kill-all', 'doctor']) expect(all).toContain(`room.${name}`);
	});

	test('keeps the page beneath it, and the selection', () => {
		const driver = drive(mergesRoom()).keys('m', 'j', 'j', ':').write('cancel').keys('enter');
		expect(pageOf(driver.state)).toMatchObject({kind: 'merges', selected: 't-3'});
		expect(driver.state.dialog).toEqual({kind: 'cancel', task: 't-3'});
	});

	test('dims what cannot be done and says why when it is run', () => {
		const driver = drive(busyRoom()).keys(':').write('clear-rate-limit');
		expect(offered(driver)[0]).toMatchObject({id: 'room.clear-rate-limit', why: 'no account is rate-limited'});
		expect(driver.keys('enter').state.toast).toMatchObject({text: 'No account is rate-limited.', isBad: true});
		const empty = drive(room()).keys(':').write('previous attention').keys('enter');
		expect(empty.state.toast?.text).toBe('Nothing needs you.');
	});

	test('goes to an id, the very one first', () => {
		const tasks = drive(mergesRoom()).keys(':').write('t-3');
		expect(names(tasks)[0]).toBe('t-3');
		expect(tasks.keys('enter').state.selected[1]).toBe('agent:test:001');
		const agents = drive(busyRoom()).keys(':').write('dev-');
		expect(names(agents).slice(0, 2)).toEqual(['dev-1', 'dev-2']);
		expect(drive(busyRoom()).keys(':').write('dev-5').keys('enter').state.selected[1]).toBe('agent:dev:005');
	});

	test('takes the words that people type after a colon', () => {
		expect(names(drive(busyRoom()).keys(':').write('q'))[0]).toBe('quit');
		expect(drive(busyRoom()).keys(':').write(':doctor').keys('enter').state.toast?.text).toContain('`agent-room doctor`');
		expect(drive(busyRoom()).keys(':').write('detach-all').keys('enter').commands.at(-1)).toEqual({
			type: 'dispatch',
			action: {type: 'detach-all'},
		});
	});

	test('asks before it kills', () => {
		const driver = drive(busyRoom()).keys(':').write('kill all').keys('enter');
		expect([driver.state.dialog, driver.commands]).toEqual([{kind: 'kill-all'}, []]);
	});

	test('offers first what was run last', () => {
		const driver = drive(busyRoom()).keys(':').write('pause-all').keys('enter', ':').write('drain').keys('enter', ':');
		expect(names(driver).slice(0, 2)).toEqual(['drain', 'pause all']);
		expect(names(driver).filter(name => name === 'drain')).toHaveLength(1);
	});

	test('marks with the arrows, stays within its rows, and closes to what was there', () => {
		const driver = drive(busyRoom()).keys(':', 'up');
		expect(driver.state.dialog).toMatchObject({index: 0});
		const last = offered(driver).length - 1;
		for (let page = 0; page < 20; page++) driver.keys('pgdn');
		expect(driver.state.dialog).toMatchObject({index: last});
		driver.send({type: 'paste', text: 'no such thing'}).keys('enter');
		expect(driver.state.dialog).toMatchObject({kind: 'palette', index: 0});
		expect(driver.keys('esc').state.dialog).toBeUndefined();
	});
});

describe('the help', () => {
	test('shows the keys of the context first, then the room, then those in a pane', () => {
		expect(titles('room')).toEqual(['SEE', 'AGENT', 'TASK', 'ROOM', 'MOVE', 'TYPING INTO A PANE']);
		expect(titles('stop').slice(0, 2)).toEqual(['STOP AN AGENT', 'SEE']);
	});

	test('works in every dialog where `?` is no text, leads back, and runs its keys there', () => {
		const dialogs: readonly (readonly [Driver, string])[] = [
			[drive(busyRoom()).keys('x'), 'stop'],
			[drive(busyRoom()).keys('q'), 'quit'],
			[drive(busyRoom()).keys('c'), 'cost'],
			[drive(busyRoom()).keys('X'), 'frozen'],
			[drive(busyRoom()).keys('3', 'u'), 'unlock'],
			[drive(room({agents: [agent('dev', 1)]})).keys('i'), 'hint'],
			[drive(room({agents: [agent('dev', 1)]})).keys('space'), 'peek'],
		];
		for (const [driver, kind] of dialogs) {
			expect(driver.state.dialog?.kind).toBe(kind);
			expect(driver.keys('?').state.dialog).toMatchObject({kind: 'help', over: {kind}});
			expect(driver.keys(':').state.dialog).toMatchObject({kind: 'palette', over: {kind}});
			expect(driver.keys('esc').state.dialog?.kind).toBe(kind);
		}
		const stopping = drive(busyRoom()).keys('x', '?').write('interrupt').keys('enter');
		expect(stopping.commands.at(-1)).toMatchObject({type: 'dispatch', action: {type: 'stop-agent', how: 'interrupt'}});
		const elsewhere = drive(busyRoom()).keys('x', '?').write('drain').keys('enter');
		expect([elsewhere.state.dialog, elsewhere.commands.filter(({type}) => type === 'dispatch').length]).toEqual([undefined, 1]);
	});

	test('moves by the pages that are drawn, to the first row of each, and no row is left out', () => {
		for (const size of [
			{columns: 160, rows: 45},
			{columns: 80, rows: 24},
			{columns: 40, rows: 15},
		]) {
			for (const key of ['?', ':']) {
				const driver = drive(busyRoom(), size).keys(key);
				const {starts} = driver.context().overflow(driver.state);
				const seen = [0];
				for (let page = 1; page < starts.length; page++) seen.push((driver.keys('pgdn').state.dialog as Menu).index);
				expect(seen).toEqual(starts);
				for (const _page of starts.slice(1)) driver.keys('pgup');
				expect(driver.state.dialog).toMatchObject({index: 0});
			}
		}
	});

	test('is text where one writes', () => {
		expect(drive(busyRoom()).keys('n').write('why?').state.draft.title.text).toBe('why?');
		expect(drive(busyRoom()).keys('a', '?', ':').state.dialog).toMatchObject({kind: 'peek', reply: {text: '?:'}});
	});

	test('never decides what it covered before it is on the screen again', () => {
		const open = (): Driver => {
			const driver = drive(askingRoom()).keys('a');
			const [id = '', long] = texts[0] ?? [];
			const order = driver.commands.findLast(({type}) => type === 'read');
			if (order?.type !== 'read') throw new Error('nothing was asked for');
			const task = {...parseWholeTask(id, {}), ...driver.snapshot.team.tasks.get(id), ...long};
			return driver.send({type: 'read', id, version: order.version, task}).send({type: 'painted'});
		};
		const accepted = open().keys('y');
		expect(accepted.commands.at(-1)).toMatchObject({type: 'dispatch', action: {type: 'approve'}});
		const covered = open().keys('?').write('approve').keys('enter');
		expect(covered.commands.filter(({type}) => type === 'dispatch')).toEqual([]);
		expect(covered.state).toMatchObject({dialog: {kind: 'plan'}, toast: {isBad: true}});
		expect(covered.keys('y').commands.at(-1)).toMatchObject({type: 'dispatch', action: {type: 'approve'}});
	});
});
