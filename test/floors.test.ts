import {execFileSync} from 'node:child_process';
import {globSync, readFileSync, statSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {FOLDERS, SIDE_BY_SIDE} from './helpers/folders.ts';
import {root} from './helpers/program.ts';
import {cyclesOfValues, importsOf, loadedBy, packagesOf, sourceFiles, sourceRoot} from './helpers/source-graph.ts';
import {folderMap, partOfGuide} from './readme/write.ts';

const testFiles = globSync('**/*.{ts,tsx}', {cwd: import.meta.dirname});
/** Folders of tests that mirror none of the source: `lua` has what is written in it, the others what the tests are made of. */
const OWN_OF_TESTS = [
	'.',
	'lua',
	'stories',
	'soak',
	'adding',
	'redteam',
	'faults',
	'bench',
	'check',
	'clis',
	'ci',
	'pictures',
	'readme',
	'release',
	'helpers',
	'fixtures',
	'ui/fixtures',
];
/** They hold as many files as there are things to play, measure or share. */
const UNCOUNTED = ['stories', 'soak', 'bench', 'helpers', 'fixtures'];

const folderOf = (file: string): string => dirname(file);
const orderOf = (file: string): number => FOLDERS.findIndex(([folder]) => folder === folderOf(file));
const isBelow = (file: string, folder: string): boolean => file.startsWith(`${folder}/`);
/** Imports of our own files, each as `from -> to`. */
const ownImports = sourceFiles.flatMap(from =>
	importsOf(from)
		.filter(({to, isOwn}) => isOwn && !to.endsWith('.json'))
		.map(({to}) => ({from, to})),
);
const asText = ({from, to}: {readonly from: string; readonly to: string}): string => `${from} -> ${to}`;

describe('folders', () => {
	test('are those of the table, and each has files', () => {
		expect(sourceFiles.length).toBeGreaterThan(10);
		expect([...new Set(sourceFiles.map(folderOf))].toSorted()).toEqual(FOLDERS.map(([folder]) => folder).toSorted());
	});

	test('hold at most 25 files, as do those of their tests', () => {
		const count = (files: readonly string[]): Record<string, number> => {
			const counts: Record<string, number> = {};
			for (const file of files) counts[dirname(file)] = (counts[dirname(file)] ?? 0) + 1;
			return Object.fromEntries(Object.entries(counts).filter(([, files]) => files > 25));
		};
		expect(count(sourceFiles)).toEqual({});
		expect(count(testFiles.filter(file => !UNCOUNTED.includes(file.split('/')[0] ?? '')))).toEqual({});
	});

	test('of tests are those of the source', () => {
		const folders = new Set(testFiles.map(folderOf));
		const known = (folder: string): boolean =>
			FOLDERS.some(([name]) => name === folder || name.startsWith(`${folder}/`)) ||
			OWN_OF_TESTS.some(own => folder === own || folder.startsWith(`${own}/`));
		expect([...folders].filter(folder => !known(folder))).toEqual([]);
	});

	test('import from themselves and from those above them in the table', () => {
		expect(ownImports.length).toBeGreaterThan(500);
		expect(ownImports.filter(({from, to}) => orderOf(to) > orderOf(from)).map(asText)).toEqual([]);
	});

	test('side by side do not know one another', () => {
		const groupOf = (file: string, group: readonly string[]) => group.find(folder => isBelow(file, folder));
		const across = SIDE_BY_SIDE.flatMap(group =>
			ownImports.filter(({from, to}) => {
				const [one, other] = [groupOf(from, group), groupOf(to, group)];
				return one && other && one !== other;
			}),
		);
		expect(across.map(asText)).toEqual([]);
	});

	test('that are pure know no Node module, no clock and no chance', () => {
		const pure = sourceFiles.filter(file => ['core', 'roles', 'harnesses'].some(folder => isBelow(file, folder)));
		const impure = pure.filter(
			file =>
				importsOf(file).some(({to}) => to.startsWith('node:')) ||
				/Date\.now|Math\.random|performance\.now/.test(readFileSync(join(sourceRoot, file), 'utf8')),
		);
		expect(pure.length).toBeGreaterThan(5);
		expect(impure).toEqual([]);
	});

	test('are in the guide as they are here: `npm run readme` writes them', () => {
		expect(partOfGuide('folders')).toBe(folderMap());
	});

	test('at the top are few: what one starts, installs or reads', () => {
		const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
		const tracked = execFileSync('git', list, {cwd: root, encoding: 'utf8'});
		const top = [
			...new Set(
				tracked
					.split('\0')
					.filter(Boolean)
					.map(file => file.split('/')[0] ?? ''),
			),
		];
		expect(top.filter(name => !name.startsWith('.')).toSorted()).toEqual(
			['LICENSE', 'README.md', 'bin', 'lua', 'package-lock.json', 'package.json', 'source', 'test', 'tsconfig.json'].toSorted(),
		);
	});
});

test('no file loads itself by way of others', () => {
	expect(cyclesOfValues()).toEqual([]);
});

test('what an agent does is changed by these modules and no others', () => {
	const importers = ownImports.flatMap(({from, to}) => (to === 'room/parts/slot-moves.ts' ? [from] : []));
	expect(importers).toEqual([
		'room/attempt/end.ts',
		'room/attempt/finish.ts',
		'room/lifecycle/parts.ts',
		'room/merge/candidate.ts',
		'room/orders/membership.ts',
		'room/recovery/sweep.ts',
		'room/remote/remote.ts',
		'room/scheduler/claim.ts',
		'room/scheduler/heartbeat.ts',
		'room/scheduler/tick.ts',
	]);
	const marking = sourceFiles.filter(file => /\.isEnding \??=[^=]/.test(readFileSync(join(sourceRoot, file), 'utf8')));
	expect(marking).toEqual(['room/parts/slot-moves.ts']);
});

/** Programs that start many times a minute: these files and no others, not even later. */
const SMALL = {
	'entries/hook.ts': [
		'core/session/hook-payload.ts',
		'os/platform.ts',
		'socket/client.ts',
		'socket/errors.ts',
		'socket/frames.ts',
		'socket/path.ts',
	],
	'entries/report.ts': [
		'commands/agents/report.ts',
		'commands/client/answers.ts',
		'commands/parse/command.ts',
		'commands/parse/help-text.ts',
		'commands/parse/parse.ts',
		'commands/parse/print.ts',
		'commands/rows/report.ts',
		'core/agent/agent.ts',
		'core/agent/role-label.ts',
		'core/event/words.ts',
		'core/text/format.ts',
		'core/text/former-names.ts',
		'core/text/refusal.ts',
		'core/text/visible.ts',
		'os/platform.ts',
		'socket/client.ts',
		'socket/errors.ts',
		'socket/frames.ts',
		'socket/path.ts',
	],
	'attach/terminal-end.ts': [
		'attach/protocol.ts',
		'attach/tools.ts',
		'attach/tty.ts',
		'attach/watcher.ts',
		'os/platform.ts',
		'socket/client.ts',
		'socket/errors.ts',
		'socket/frames.ts',
		'socket/path.ts',
		'terminal/input/control-key.ts',
	],
};

/** What is loaded with an entry before anything of it runs: each package costs each start, and the way to a running room, 10 to 30 ms. */
const PACKAGES = {
	'entries/cli.ts': [],
	'entries/program.ts': [],
	'commands/room/open.ts': [],
	'commands/client/start.ts': [],
	'commands/room/bring-up.ts': ['zod', 'yaml', 'simple-git'],
	'commands/parse/meow.ts': ['meow'],
	'entries/room.ts': ['zod', 'yaml', 'simple-git', 'p-limit', 'ioredis', '@xterm/headless', '@xterm/addon-unicode11'],
};

describe('what an entry loads', () => {
	test.each(Object.entries(SMALL))('%s: what it needs for its one purpose, and no package, at any time', (entry, files) => {
		const loaded = loadedBy(entry, {late: true});
		expect(loaded.filter(file => file !== entry)).toEqual(files);
		expect(packagesOf(loaded, {late: true})).toEqual([]);
	});

	test.each(Object.entries(PACKAGES))('%s: these packages at its start', (entry, packages) => {
		expect(packagesOf(loadedBy(entry, {late: false}), {late: false}).toSorted()).toEqual(packages.toSorted());
	});

	test('the bundles that agents start are small', () => {
		expect(statSync(join(root, 'dist/hook.js')).size).toBeLessThan(5_000);
		expect(statSync(join(root, 'dist/report.js')).size).toBeLessThan(19_000);
	});
});
