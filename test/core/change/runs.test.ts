import {expect, test} from 'vitest';
import {changedScripts, isNamed, runBy} from '../../../source/core/change/runs.ts';

test.each([
	['npm test', [], ['pretest', 'test', 'posttest']],
	[
		'npm ci && npm run check',
		[],
		['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare', 'precheck', 'check', 'postcheck'],
	],
	['CI=1 pnpm lint', [], ['prelint', 'lint', 'postlint']],
	['sh check.sh', ['check.sh'], []],
	['cd web && ./scripts/test --all', ['scripts/test'], []],
	['bash -ec "node tools/run.js; make"', ['tools/run.js', 'Makefile', 'makefile', 'GNUmakefile'], []],
	['test -e README.md && grep -q x a.txt', [], []],
	['node --test test/a.test.js', [], []],
	['timeout 60 /usr/bin/make -f x', [], []],
	['make -f ci.mk', ['ci.mk'], []],
])('of `%s` the words say what it runs out of the repository', (command, files, scripts) => {
	expect(runBy(command)).toEqual({files, scripts});
});

test('of a package.json those scripts count that the command reaches, by other scripts too', () => {
	const of = (scripts: Readonly<Record<string, string>>) => JSON.stringify({scripts});
	const before = of({test: 'npm run unit && npm run lint', unit: 'vitest', lint: 'biome', start: 'node .'});
	expect(changedScripts(before, of({test: 'true', start: 'node .'}), ['test'])).toEqual(['test', 'unit', 'lint']);
	expect(changedScripts(before, before.replace('vitest', 'true'), ['test'])).toEqual(['unit']);
	expect(changedScripts(before, before.replace('node .', 'node x'), ['test'])).toEqual([]);
	expect(
		changedScripts(before, of({pretest: 'cheat', test: 'npm run unit && npm run lint', unit: 'vitest', lint: 'biome'}), [
			'pretest',
			'test',
		]),
	).toEqual(['pretest']);
	expect(changedScripts('no json', '[]', ['test'])).toEqual([]);
	expect([isNamed('web/scripts/test', ['scripts/test']), isNamed('scripts/testing', ['scripts/test'])]).toEqual([true, false]);
});
