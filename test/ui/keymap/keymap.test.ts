import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {createKeymap, hintRows, keyLabel} from '../../../source/ui/keymap/keymap.ts';
import {nameOfRow} from '../../../source/ui/keymap/overrides.ts';
import {isOverRoom, SCOPES} from '../../../source/ui/keymap/row.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {keyTable, partOfGuide} from '../../readme/write.ts';

describe('the table of keys', () => {
	test('has no key twice in one scope', () => {
		const all = KEYS.flatMap(row => row.keys.map(key => `${row.scope} ${key}`));
		expect(all.filter((key, index) => all.indexOf(key) !== index)).toEqual([]);
		expect(all.length).toBeGreaterThan(60);
	});

	test('takes no key that multiplexers or terminals take', () => {
		const keys = KEYS.filter(row => row.scope === 'room').flatMap((row): readonly string[] => row.keys);
		expect(keys.filter(key => /^alt\+|^f\d|^ctrl\+[abhjk]$/.test(key))).toEqual([]);
	});

	test('is in the guide, cell by cell: `npm run readme` writes it', () => {
		expect(partOfGuide('keys')).toBe(keyTable());
	});

	test('has every action that a sentence names', () => {
		const folder = join(import.meta.dirname, '../../../source/ui');
		const named = globSync('**/*.{ts,tsx}', {cwd: folder}).flatMap(file =>
			[...readFileSync(join(folder, file), 'utf8').matchAll(/keyOf\([a-z.]+, '([^']+)'/gi)].map(match => match[1] ?? ''),
		);
		expect(named.length).toBeGreaterThan(10);
		expect(named.filter(name => !KEYS.some(row => nameOfRow(row) === name))).toEqual([]);
	});

	test('names every scope, and every action once in its scope', () => {
		const names = KEYS.map(({scope, action}) => `${scope}.${action}`);
		expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
		expect(KEYS.filter(({help, action}) => help === '' || !/^[a-z0-9-]+$/.test(action))).toEqual([]);
	});

	test('has a way out of every scope but the room and what lies over it', () => {
		const scopes = new Set([...SCOPES, ...KEYS.map(({scope}) => scope)]);
		const closed = [...scopes].filter(
			scope =>
				scope !== 'room' && !isOverRoom(scope, KEYS) && !KEYS.some(row => row.scope === scope && ['close', 'leave'].includes(row.action)),
		);
		expect(closed).toEqual([]);
	});
});

describe('keys of a person', () => {
	test('replace those of the table', () => {
		const keymap = createKeymap(KEYS, {zoom: 'Z', pause: null});
		expect(keymap.find('room', 'Z')?.action).toBe('zoom');
		expect(keymap.find('room', 'z')).toBeUndefined();
		expect(keymap.find('room', 'p')).toBeUndefined();
		expect(keymap.refusals).toEqual([]);
	});

	test('are written as people know them', () => {
		expect(['enter', 'ctrl+d', 'shift+tab', 'G', 'down'].map(key => keyLabel(key, false))).toEqual(['↵', '^D', 'S-tab', 'G', '↓']);
		expect(['enter', 'down'].map(key => keyLabel(key, true))).toEqual(['enter', 'down']);
	});

	test('show in the footer only where they would do something', () => {
		const keymap = createKeymap(KEYS);
		expect(hintRows(keymap, 'room', new Set()).map(row => row.action)).not.toContain('retry');
		expect(hintRows(keymap, 'room', new Set(['again-task'])).map(row => row.action)).toContain('retry');
	});
});
