import {globSync, readFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {FORMER_NAMES} from '../source/core/text/former-names.ts';
import {nearest} from '../source/core/text/refusal.ts';
import {SCRIPTS} from '../source/redis/scripts/table.ts';
import {root} from './helpers/program.ts';

/** Words that the code had for itself, each with the field's term in its place: none of them is a part of a name any more. */
const FORMER: readonly string[] = (
	'train trains car cars derailed ejected ejections boarded landed landings unland reland radar brake brakes braked unbrake bounce bounced remark remarks ' +
	'requeue prioritise prioritised handover thaw desk keepsakes recruit recruits roster rhythm traits keyless lent inert surroundings outsider outsiders ' +
	'guarded unguarded spares trouble troubles persist abandon withdraw withdrawn'
).split(' ');
const wordsOf = (name: string): readonly string[] => (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map(word => word.toLowerCase());
const former = (names: Iterable<string>): readonly string[] =>
	[...new Set(names)].filter(name => wordsOf(name).some(word => FORMER.includes(word)));

/** Names that a file of code gives to something. */
const namesIn = (code: string): readonly string[] =>
	[...code.matchAll(/\b(?:const|let|function|type|interface|readonly)\s+([\w$]+)|^\t+([\w$]+)\??: /gm)].map(
		([, name = '', key = '']) => name || key,
	);

const files = globSync(['source/**/*.{ts,tsx}', 'lua/**/*.lua', 'test/**/*.{ts,tsx}'], {cwd: root}).filter(
	file => file !== join('test', 'words.test.ts') && file !== join('source', 'core', 'text', 'former-names.ts'),
);

describe('a former word', () => {
	test('is in no name of a file', () => {
		expect(former(files.map(file => basename(file)))).toEqual([]);
	});

	test('is in no name of the code', () => {
		const found = files
			.filter(file => !file.endsWith('.lua'))
			.flatMap(file => former(namesIn(readFileSync(join(root, file), 'utf8'))).map(name => `${file}: ${name}`));
		expect(found).toEqual([]);
	});

	test('is in no script, none of its arguments and no event', () => {
		expect(former([...Object.keys(SCRIPTS), ...Object.values(SCRIPTS).flat()])).toEqual([]);
		const events = files
			.filter(file => file.endsWith('.lua'))
			.flatMap(file => [...readFileSync(join(root, file), 'utf8').matchAll(/\bemit\('(\w+)'/g)].map(([, name = '']) => name));
		expect(events.length).toBeGreaterThan(30);
		expect(former(events)).toEqual([]);
	});

	test('that somebody types is answered by the present one', () => {
		for (const [before, now] of Object.entries(FORMER_NAMES)) expect(nearest(before, ['accepting', 'houses', now])).toBe(now);
	});
});
