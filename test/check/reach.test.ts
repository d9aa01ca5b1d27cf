import {describe, expect, test} from 'vitest';
import {root} from '../helpers/program.ts';
import {reachedBy, readTexts, within} from './reach.ts';

const filesOf = (changed: readonly string[], texts: Readonly<Record<string, string>>): readonly string[] =>
	reachedBy(changed, new Map(Object.entries(texts))).map(({file}) => file);

describe('a change reaches', () => {
	const texts = {
		'source/a.ts': 'export const a = 1;\n',
		'source/b.ts': "import {a} from './a.ts';\n",
		'source/late.ts': "export const late = () => import('./a.ts');\n",
		'source/types.ts': "import type {A} from './a.ts';\n",
		'source/entries/hook.ts': "import {a} from '../a.ts';\n",
		'test/a.test.ts': "import {a} from '../source/a.ts';\n",
		'test/b.test.ts': "import {b} from '../source/b.ts';\n",
		'test/late.test.ts': "import {late} from '../source/late.ts';\n",
		'test/types.test.ts': "import {x} from '../source/types.ts';\n",
		'test/helpers/start.ts': "const file = join(root, 'dist', 'hook.js');\n",
		'test/started.test.ts': "import {start} from './helpers/start.ts';\n",
		'test/golden.test.ts': "const folder = join(here, '../golden');\n",
		'test/none.test.ts': '',
	};

	test('who imports it, by way of others, late or by a program that it starts, the nearest first', () => {
		expect(filesOf(['source/a.ts'], texts)).toEqual(['test/a.test.ts', 'test/b.test.ts', 'test/late.test.ts', 'test/started.test.ts']);
	});

	test('who names it, where it is no TypeScript', () => {
		expect(filesOf(['test/ui/golden/ask-80x24.txt'], texts)).toEqual(['test/golden.test.ts']);
		expect(filesOf(['nobody/knows.txt'], texts)).toEqual([]);
	});

	test('a test that changed itself', () => {
		expect(filesOf(['test/none.test.ts'], texts)).toEqual(['test/none.test.ts']);
	});

	test('in this repository: its own test first, those of scripts, and those that start the program', () => {
		const real = readTexts(root);
		const reached = (...changed: readonly string[]): readonly string[] => reachedBy(changed, real).map(({file}) => file);
		expect(reached('source/terminal/text/widths.ts')[0]).toMatch(/^test\/terminal\//);
		expect(reached('source/commands/show/cost.ts')).toEqual(
			expect.arrayContaining(['test/commands/show/cost.test.ts', 'test/entries/cli.test.ts']),
		);
		expect(reached('lua/complete.lua')).toContain('test/lua/scripts.test.ts');
		expect(reached('source/programs/headless/headless.ts')).toContain('test/programs/headless/headless.test.ts');
	});
});

test('what does not fit into the time, and stories, are left out by name', () => {
	const reached = ['test/a.test.ts', 'test/stories/s.test.ts', 'test/b.test.ts', 'test/c.test.ts'].map((file, steps) => ({file, steps}));
	expect(within(reached, file => (file === 'test/b.test.ts' ? 900 : 100), 500)).toEqual({
		run: ['test/a.test.ts', 'test/c.test.ts'],
		leftOut: ['test/stories/s.test.ts', 'test/b.test.ts'],
	});
});
