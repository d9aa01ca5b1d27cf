import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {createTokenizer} from '../../../source/terminal/input/tokenizer.ts';
import {createKeymap} from '../../../source/ui/keymap/keymap.ts';
import {readKey} from '../../../source/ui/keymap/names.ts';
import {type KeyOverrides, nameOfRow, override} from '../../../source/ui/keymap/overrides.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';

const refused = (overrides: KeyOverrides): readonly string[] => override(KEYS, overrides).refusals.map(({text}) => text);
const warned = (overrides: KeyOverrides): readonly string[] => override(KEYS, overrides).warnings.map(({text}) => text);

describe('keys of a person', () => {
	test('are refused where another action has the key, naming both, and change nothing', () => {
		expect(refused({zoom: 'x'})).toEqual(['`x` of `zoom` is already used by `stop`']);
		const keymap = createKeymap(KEYS, {zoom: 'x'});
		expect([keymap.find('room', 'x')?.action, keymap.find('room', 'z')?.action]).toEqual(['stop', 'zoom']);
		expect(refused({zoom: 'Z', stop: ['x', 'Z']})).toEqual(['`Z` of `stop` is already used by `zoom`']);
		expect(refused({zoom: 'ctrl+]'})).toEqual(['`ctrl+]` of `zoom` is already used by `leader`']);
	});

	test('may be exchanged between two actions, in any order', () => {
		for (const overrides of [
			{zoom: 'x', stop: 'z'},
			{stop: 'z', zoom: 'x'},
		]) {
			const keymap = createKeymap(KEYS, overrides);
			expect(keymap.refusals).toEqual([]);
			expect([keymap.find('room', 'x')?.action, keymap.find('room', 'z')?.action]).toEqual(['zoom', 'stop']);
		}
	});

	test('are given to any scope, by a list, by none, and to what has no key', () => {
		const keymap = createKeymap(KEYS, {'stop.kill': ['K', 'ctrl+k'], 'room.pause': null, 'detach-all': 'ctrl+x', 'plan.approve': 'Y'});
		expect(keymap.refusals).toEqual([]);
		expect(['K', 'ctrl+k', 'X'].map(key => keymap.find('stop', key)?.action)).toEqual(['kill', 'kill', undefined]);
		expect(keymap.find('room', 'p')).toBeUndefined();
		expect(keymap.find('room', 'ctrl+x')?.action).toBe('detach-all');
		expect(keymap.find('plan', 'Y')?.action).toBe('approve');
	});

	test('are refused for what is no action, with the nearest name', () => {
		expect(refused({zoon: 'Z'})).toEqual(['unknown action `zoon`; did you mean `zoom`?']);
		expect(refused({'clear-rate-limt': 'U'})).toEqual(['unknown action `clear-rate-limt`; did you mean `clear-rate-limit`?']);
		expect(refused({interrupt: 'I'})).toEqual(['unknown action `interrupt`; did you mean `stop.interrupt`?']);
		expect(refused({constructor: 'I'})[0]).toContain('unknown action `constructor`');
	});

	test('are refused where they would be text, lock a human in, or make a kill too easy to press', () => {
		expect(refused({'form.queue': 'q'})).toEqual(['`q` of `form.queue` types text there and cannot be a key']);
		expect(refused({'stop.close': null})).toEqual(['`stop.close` needs a key: it leads out']);
		expect(refused({'stop.kill': 'enter', 'stop.close': 'esc'})[0]).toContain('is too easy to press');
		expect(refused({'type.leave': 'ctrl+g'})).toEqual(['`type.leave` follows `leader`: set `leader` instead']);
	});

	test('are told where a page or a panel has the key', () => {
		const own = KEYS.find(({scope, keys}) => ['task', 'merges', 'queue'].includes(scope) && keys.length > 0);
		const free = 'Q';
		const overrides: KeyOverrides = own ? {[nameOfRow(own)]: free, zoom: free} : {};
		expect(warned(overrides)).toEqual(own ? [expect.stringContaining(`\`${free}\` is \`${own.action}\` in`)] : []);
		expect(refused(overrides)).toEqual([]);
	});
});

describe('the leader', () => {
	test('may be another key, or several; every scope follows', () => {
		const keymap = createKeymap(KEYS, {leader: ['ctrl+]', 'Ctrl-G']});
		expect([keymap.leader, keymap.leaders]).toEqual(['ctrl+]', ['ctrl+]', 'ctrl+g']]);
		for (const key of keymap.leaders) {
			expect(keymap.find('type', key)?.action).toBe('leave');
			expect(keymap.find('room', key)?.action).toBe('back-to-pane');
			expect(keymap.find('hint', key)?.action).toBe('learn');
		}
		expect(createKeymap(KEYS, {leader: 'ctrl+g'}).find('room', 'ctrl+]')).toBeUndefined();
	});

	test('is refused where it is no control key, looks like another key, or belongs to an action', () => {
		for (const leader of ['q', 'alt+x', 'F5', null, [], ['ctrl+]', 'x']]) expect(refused({leader})[0]).toContain('`leader` must be ctrl+');
		expect(refused({leader: 'ctrl+i'})).toEqual(['`ctrl+i` of `leader` cannot be bound: terminals send the same for it and for tab']);
		expect(refused({leader: 'ctrl+d'})).toEqual(['`ctrl+d` of `leader` is already used by `half-down`']);
		expect(createKeymap(KEYS, {leader: 'ctrl+d'}).leaders).toEqual(['ctrl+]']);
		expect(warned({leader: 'ctrl+a'})).toEqual(['`ctrl+a` of `leader`: screen and tmux use it as their prefix']);
	});
});

describe('a key as it is written', () => {
	test.each([
		['Ctrl-D', 'ctrl+d'],
		['C-]', 'ctrl+]'],
		['ctrl+space', 'ctrl+space'],
		['shift+a', 'A'],
		['Shift+Tab', 'shift+tab'],
		['PageDown', 'pgdn'],
		['shift+ctrl+up', 'ctrl+shift+up'],
		['return', 'enter'],
		[' ', 'space'],
		['-', '-'],
		['+', '+'],
		['é', 'é'],
		['alt+shift+x', 'alt+X'],
		['f12', 'f12'],
	])('%j is %s', (written, key) => {
		expect(readKey(written)).toMatchObject({ok: true, key});
	});

	test.each([
		'',
		'ctrl+',
		'ctrl+1',
		'ctrl+i',
		'ctrl+shift+a',
		'shift+1',
		'shift+enter',
		'cmd+k',
		'hyper+x',
		'ab',
		'f13',
		'\u001b',
		'\u0301',
		'\ud800',
	])('%j is none that a terminal sends', written => {
		expect(readKey(written)).toMatchObject({ok: false});
	});

	test('is refused with the nearest name', () => {
		expect(readKey('pgdwn')).toEqual({ok: false, why: 'unknown key; did you mean `pgdn`?'});
	});

	test('is what the tokenizer calls the bytes of the key', () => {
		const nameOf = (bytes: string): string => {
			const tokenizer = createTokenizer();
			const [token] = [...tokenizer.feed(new TextEncoder().encode(bytes)), ...tokenizer.flush()];
			return token?.type === 'key' ? token.key : '';
		};
		const sent: Readonly<Record<string, string>> = {
			'ctrl+d': '\u0004',
			'ctrl+space': '\u0000',
			'ctrl+_': '\u001f',
			'shift+tab': '\u001b[Z',
			'ctrl+up': '\u001b[1;5A',
			'ctrl+shift+up': '\u001b[1;6A',
			pgdn: '\u001b[6~',
			'alt+x': '\u001bx',
			'alt+shift+x': '\u001bX',
			f5: '\u001b[15~',
			enter: '\r',
			A: 'A',
			space: ' ',
		};
		for (const [written, bytes] of Object.entries(sent)) expect(readKey(written)).toMatchObject({key: nameOf(bytes)});
	});
});

test('whatever overrides say, no key has two meanings in a scope, each dialog has a way out, and a refused one changes nothing', () => {
	const keys = ['a', 'x', 'Z', 'ctrl+]', 'ctrl+g', 'enter', 'esc', 'ctrl+i', '', 'q', 'alt+x'];
	const value = fc.oneof(fc.constant(null), fc.constantFrom(...keys), fc.array(fc.constantFrom(...keys), {maxLength: 3}));
	const name = fc.oneof(fc.constantFrom('leader', ...KEYS.map(nameOfRow)), fc.string({maxLength: 8}));
	fc.assert(
		fc.property(fc.dictionary(name, value, {maxKeys: 8}), overrides => {
			const {rows, refusals, leaders} = override(KEYS, overrides);
			const all = rows.flatMap(row => row.keys.map(key => `${row.scope} ${key}`));
			expect(new Set(all).size).toBe(all.length);
			expect(leaders.length).toBeGreaterThan(0);
			expect(rows.filter(({scope, action, keys: own}) => scope !== 'room' && action === 'close' && own.length === 0)).toEqual([]);
			const again = override(
				KEYS,
				Object.fromEntries(Object.entries(overrides).filter(([key]) => !refusals.some(({name: bad}) => bad === key))),
			);
			expect(again.rows.map(row => row.keys)).toEqual(rows.map(row => row.keys));
		}),
		{numRuns: 300},
	);
});
