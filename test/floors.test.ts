import {readFileSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {root} from './helpers/program.ts';
import {cyclesOfValues, importsOf, loadedBy, packagesOf, sourceFiles, sourceRoot} from './helpers/source-graph.ts';

/** Floor of each folder below `source/`; an import goes to a lower floor or stays in its own folder. */
const FLOORS: Record<string, number> = {
	core: 1,
	roles: 1,
	harnesses: 1,
	redis: 2,
	git: 2,
	pty: 2,
	terminal: 2,
	socket: 2,
	store: 3,
	ui: 4,
	room: 4,
	attach: 4,
	programs: 4,
	commands: 5,
	'': 5,
};

const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');

describe('floors', () => {
	test('every folder has a floor', () => {
		expect(sourceFiles.length).toBeGreaterThan(10);
		expect(sourceFiles.filter(file => FLOORS[folderOf(file)] === undefined)).toEqual([]);
	});

	test('an import goes downwards only', () => {
		const upwards = sourceFiles.flatMap(file =>
			importsOf(file)
				.filter(({to, isOwn}) => isOwn && !to.endsWith('.json'))
				.filter(
					({to}) => folderOf(to) !== folderOf(file) && (FLOORS[folderOf(to)] ?? 9) > (FLOORS[folderOf(file)] ?? 0) - floorStep(file, to),
				)
				.map(({to}) => `${file} -> ${to}`),
		);
		expect(upwards).toEqual([]);
	});

	test('the pure floor knows no Node module and no clock', () => {
		const pure = sourceFiles.filter(file => FLOORS[folderOf(file)] === 1);
		const impure = pure.filter(
			file =>
				importsOf(file).some(({to}) => to.startsWith('node:')) ||
				/Date\.now|Math\.random|performance\.now/.test(readFileSync(join(sourceRoot, file), 'utf8')),
		);
		expect(pure.length).toBeGreaterThan(5);
		expect(impure).toEqual([]);
	});
});

/** Floor 1 folders may know one another; floors 2 and 4 may not: their parts meet above them. Floor 5 is one floor. */
const floorStep = (file: string, target: string): number => {
	const floor = FLOORS[folderOf(file)] ?? 0;
	return floor === 1 || floor === 5 || floor !== FLOORS[folderOf(target)] ? 0 : 1;
};

/**
 * Files that load one another before they have run. The two that there are, each with the number of its files; no other may come, and none grow.
 */
const KNOWN_CYCLES = [
	{with: 'room/places.ts', files: 6},
	{with: 'ui/state/state.ts', files: 24},
];

test('no file loads itself by way of others', () => {
	expect(
		cyclesOfValues().map(files => ({with: KNOWN_CYCLES.find(known => files.includes(known.with))?.with, files: files.length})),
	).toEqual(KNOWN_CYCLES);
});

/** Programs that start many times a minute: these files and no others, not even later. */
const SMALL = {
	'hook.ts': ['core/hook-payload.ts', 'socket/errors.ts', 'socket/lines.ts', 'socket/private-folder.ts', 'socket/request.ts'],
	'report.ts': [
		'commands/command-error.ts',
		'commands/command-line.ts',
		'commands/command.ts',
		'commands/did-you-mean.ts',
		'commands/error-lines.ts',
		'commands/exit-code.ts',
		'commands/global-flags.ts',
		'commands/help-text.ts',
		'commands/main.ts',
		'commands/plain-flags.ts',
		'commands/plain-text.ts',
		'commands/read-text.ts',
		'commands/replies.ts',
		'commands/report-row.ts',
		'commands/report.ts',
		'core/agent.ts',
		'core/duration.ts',
		'core/money.ts',
		'core/nearest.ts',
		'socket/errors.ts',
		'socket/lines.ts',
		'socket/private-folder.ts',
		'socket/request.ts',
	],
	'attach/terminal-end.ts': [
		'attach/control.ts',
		'attach/ending.ts',
		'attach/give.ts',
		'attach/handshake.ts',
		'attach/own-tty.ts',
		'attach/run-on-tty.ts',
		'attach/screen-bytes.ts',
		'attach/tmux-facts.ts',
		'attach/tool-command.ts',
		'attach/watcher.ts',
		'socket/errors.ts',
		'socket/frames.ts',
		'socket/lines.ts',
		'socket/private-folder.ts',
		'socket/request.ts',
		'terminal/control-key.ts',
	],
};

/** What is loaded with an entry before anything of it runs: each package costs each start, and the way to a running room, 10 to 30 ms. */
const PACKAGES = {
	'cli.ts': [],
	'program.ts': [],
	'commands/open.ts': [],
	'commands/parse.ts': ['meow'],
	'room-process.ts': ['zod', 'yaml', 'simple-git', 'node-pty', 'ioredis', '@xterm/headless', '@xterm/addon-unicode11'],
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
		expect(statSync(join(root, 'dist/report.js')).size).toBeLessThan(17_000);
	});
});
