import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {faultTable, partOfGuide} from '../readme/write.ts';
import {MATRIX} from './matrix.ts';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', file), 'utf8');
/** Texts that are written as literals where a test or a table of tests is. */
const titlesIn = (source: string): ReadonlySet<string> =>
	new Set([...source.matchAll(/(['"`])((?:(?!\1)[^\\\n]|\\.)+)\1/g)].map(([, , title = '']) => title.replaceAll("\\'", "'")));

describe('what survives what', () => {
	test('each fault names tests that exist, by their titles', () => {
		const faults = MATRIX.flatMap(([, rows]) => rows);
		const named = faults.flatMap(({heldBy}) => heldBy);
		const titles = new Map([...new Set(named.map(([file]) => file))].map(file => [file, titlesIn(read(file))]));
		expect(named.filter(([file, title]) => ![...(titles.get(file) ?? [])].some(known => known.startsWith(title)))).toEqual([]);
		expect(faults.filter(({heldBy}) => heldBy.length === 0)).toEqual([]);
		expect(new Set(faults.map(({fault}) => fault)).size).toBe(faults.length);
	});

	test('the page of the guide is written from the table', () => {
		expect(partOfGuide('faults')).toBe(faultTable());
	});
});
