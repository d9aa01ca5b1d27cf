import {expect, test} from 'vitest';
import {coversPath, firstHeld, heldByOthers} from '../../../source/core/lock/covers.ts';
import {processorMs} from '../../helpers/wait.ts';

test.each([
	['src/**', ['src/a.ts', 'src/db/b.ts', 'SRC/c.ts'], ['srcs/a.ts', 'a/src/b.ts']],
	['src/db', ['src/db', 'src/db/x/y.ts'], ['src/dbx', 'src']],
	['src/*.ts', ['src/a.ts'], ['src/db/a.ts', 'src/a.tsx', 'a.ts']],
	['src/**/test.*', ['src/test.ts', 'src/a/b/test.js'], ['test.ts', 'src/a/tests.ts']],
	['**/*.sql', ['a.sql', 'x/y/b.sql'], ['a.sql/x', 'sql']],
	['a?c/*', ['abc/x'], ['ac/x', 'abbc/x']],
	// What is not understood covers what its lock keeps others from.
	['src/{a,b}/*', ['src/c'], ['lib/c']],
	['../x', ['anything'], []],
])('the lock %s covers exactly its files', (glob, inside, outside) => {
	for (const path of inside) expect(coversPath(glob, path), path).toBe(true);
	for (const path of outside) expect(coversPath(glob, path), path).toBe(false);
});

test('a pattern made to be slow is not', () => {
	const tookMs = processorMs(() => {
		expect(coversPath(`${'*a'.repeat(90)}b`, 'a'.repeat(4000))).toBe(false);
		expect(coversPath(`${'**/'.repeat(60)}x`, 'a/'.repeat(1000))).toBe(false);
	});
	expect(tookMs).toBeLessThan(1000);
});

test('only path locks of others bind', () => {
	const lock = (name: string, owner: string) => ({name, owner, until: 0, takenAt: 0});
	const locks = [
		lock('path:src/db/**', 'agent:dev:002 7:x'),
		lock('path:docs/**', 'agent:dev:001 8:x'),
		lock('repository:main', 'agent:merge:001'),
	];
	const held = heldByOthers('agent:dev:001', locks);
	expect(held).toEqual([{pattern: 'src/db/**', owner: 'agent:dev:002'}]);
	expect(firstHeld(['docs/a.md', 'src/db/x.ts'], held)).toMatchObject({path: 'src/db/x.ts', owner: 'agent:dev:002'});
	expect(firstHeld(['docs/a.md'], held)).toBeUndefined();
});
