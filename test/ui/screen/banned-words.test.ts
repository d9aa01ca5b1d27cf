import {globSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {NEED_WORDS} from '../../../source/ui/keymap/row.ts';
import {KEYS} from '../../../source/ui/screen/keys.ts';
import {bannedIn} from '../../helpers/banned-words.ts';
import {root} from '../../helpers/program.ts';

test('no golden screen and no key has a word that the texts gave up', () => {
	const screens = globSync('test/ui/golden/*.txt', {cwd: root}).map(file => [file, readFileSync(join(root, file), 'utf8')] as const);
	const keys = KEYS.map(row => [`${row.scope}.${row.action}`, `${row.label} ${row.help} ${row.place ?? ''}`] as const);
	expect(screens.length).toBeGreaterThan(100);
	const found = [...screens, ...keys, ...Object.entries(NEED_WORDS)].flatMap(([name, text]) =>
		bannedIn(text).map(word => `${name}: ${word}`),
	);
	expect(found).toEqual([]);
});
