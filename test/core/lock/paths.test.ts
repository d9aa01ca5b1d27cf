import fc from 'fast-check';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {locksExclude, pathsOverlap} from '../../../source/core/lock/lock.ts';
import {expand} from '../../../source/redis/scripts/assemble.ts';
import {knownFragment} from '../../../source/redis/scripts/table.ts';
import {startTestRedis, type TestRedis} from '../../helpers/redis.ts';

describe('two paths', () => {
	test.each([
		['src/**', 'src/db/**', true],
		['src', 'src/db/schema.sql', true],
		['src/db/**', 'src/dbx/**', false],
		['src/db', 'src/ui', false],
		['src/d*', 'src/ui/**', true],
		['**/*.md', 'src/db/x.ts', true],
		['SRC/Db', 'src/db/x', true],
		['./src//db/', '/src/db', true],
		['src/ui/../db', 'src/db', true],
		['!src/**', 'docs/a.md', true],
		['a/{b,c}/d', 'a/c', true],
		['package.json', 'package-lock.json', false],
		['', 'a', true],
	])('%s and %s: %s', (one, other, expected) => {
		expect([pathsOverlap(one, other), pathsOverlap(other, one)]).toEqual([expected, expected]);
	});

	test('other locks exclude their own name only', () => {
		expect(locksExclude('repository:main', 'repository:main')).toBe(true);
		expect(locksExclude('repository:main', 'repository:mainline')).toBe(false);
		expect(locksExclude('repository:src', 'path:src')).toBe(false);
	});
});

describe('the scripts', () => {
	let redis: TestRedis;
	beforeAll(async () => {
		redis = await startTestRedis(['--appendfsync', 'no']);
	});
	afterAll(() => redis.stop());

	test('judge every two names as this does', async () => {
		const connection = await redis.connect();
		const script = expand('--- uses: overlap\nreturn overlap.excludes(ARGV[2], ARGV[3]) and 1 or 0', knownFragment);
		const segment = fc.constantFrom('a', 'A', 'b', 'é', '*', '**', 'a*', '.', '..', '', 'a?', '[b]', '{a,b}', '(x)', 'a\\*', '!a', 'a\n');
		const glob = fc.array(segment, {maxLength: 4}).map(segments => segments.join('/'));
		const name = fc.oneof(
			{weight: 9, arbitrary: glob.map(path => `path:${path}`)},
			glob.map(path => `repository:${path}`),
		);
		await fc.assert(
			fc.asyncProperty(name, name, async (one, other) => {
				expect(await connection.call('EVAL', script, 0, 'n', one, other)).toBe(locksExclude(one, other) ? 1 : 0);
			}),
			{numRuns: 1500},
		);
	});
});
