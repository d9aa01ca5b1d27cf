import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {root} from '../helpers/program.ts';
import {readEntries, releaseProblems} from './changelog.ts';

const CHANGELOG = '# Changelog\n\n## 0.3.0 - 2026-12-01\n\n- x\n\n## 0.2.0 - 2026-11-01\n\n## 0.1.0 - 2026-10-01\n';
const problems = (version: string, changelog = CHANGELOG, released: readonly string[] = []): readonly string[] =>
	releaseProblems({version, changelog, changed: [], today: '2026-12-01', released});

describe('a version', () => {
	test('is released where the changelog begins with it', () => {
		expect(problems('0.3.0')).toEqual([]);
		expect(problems('0.3.0', CHANGELOG, ['0.2.0', 'nightly'])).toEqual([]);
	});

	test('is refused while something is not committed', () => {
		const given = {version: '0.3.0', changelog: CHANGELOG, today: '2026-12-01', released: []};
		expect(releaseProblems({...given, changed: ['a b.ts']})).toEqual(['The tree is not clean: a b.ts.']);
		expect(releaseProblems({...given, changed: [...'abcdef']})).toEqual(['The tree is not clean: a, b, c, d, e, ….']);
	});

	test('is refused where it is not semantic', () => {
		for (const version of ['', '1', '0.3', 'v0.3.0', '0.3.0.1', '01.0.0', ' 0.3.0', 'latest'])
			expect(problems(version)).toEqual([`\`${version}\` is no semantic version.`]);
	});

	test('is refused where the changelog does not have it', () => {
		expect(problems('0.4.0')).toEqual(['The changelog has no entry `## 0.4.0 - 2026-12-01`.']);
		expect(problems('0.1.0', '# Changelog\n')).toEqual(['The changelog has no entry `## 0.1.0 - 2026-12-01`.']);
	});

	test('is refused where it is not above the last one, in the changelog or by its tag', () => {
		expect(problems('0.2.5')[0]).toBe('0.2.5 is not above 0.3.0, the last in the changelog.');
		expect(problems('0.3.0-rc.1')[0]).toBe('0.3.0-rc.1 is not above 0.3.0, the last in the changelog.');
		expect(problems('0.2.0')).toEqual(['0.2.0 is not the last in the changelog: that is 0.3.0.']);
		expect(problems('0.3.0', CHANGELOG, ['0.3.0'])).toEqual(['0.3.0 is not above 0.3.0, which is released.']);
	});

	test('is refused with a day that is to come, is none, or is missing', () => {
		const dated = (date: string) => problems('0.3.0', `## 0.3.0${date}\n`)[0];
		expect(dated(' - 2026-12-02')).toBe('The changelog says that 0.3.0 is of 2026-12-02, and today is 2026-12-01.');
		expect(dated(' - 2026-02-30')).toBe('The changelog gives 0.3.0 no day such as 2026-12-01.');
		expect(dated('')).toBe('The changelog gives 0.3.0 no day such as 2026-12-01.');
	});

	test('is refused while what lies below it is out of order', () => {
		expect(problems('0.3.0', '## 0.3.0 - 2026-12-01\n## 0.3.1 - 2026-11-01\n')).toEqual([
			'In the changelog 0.3.0 stands above 0.3.1, and is not above it as a version.',
		]);
		expect(problems('0.3.0', '## 0.3.0 - 2026-11-01\n## 0.2.0 - 2026-11-02\n')).toEqual([
			'In the changelog 0.3.0 is older than 0.2.0, which came before it.',
		]);
	});
});

test('the changelog of the guide has the version that this is, and is in order', () => {
	const changelog = readFileSync(join(root, 'source/guide/changelog.md'), 'utf8');
	const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {version: string};
	expect(readEntries(changelog)[0]?.version).toBe(version);
	expect(releaseProblems({version, changelog, changed: [], today: '9999-12-31', released: []})).toEqual([]);
});
