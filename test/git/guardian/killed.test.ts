import {spawn} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {openGuardian} from '../../../source/git/guardian/guardian.ts';
import {openRepository} from '../../../source/git/repository/repository.ts';
import {cleanEnvironment, node} from '../../helpers/program.ts';
import {createTestRepository} from '../../helpers/repository.ts';
import {until} from '../../helpers/wait.ts';

const TASKS = 12;
const program = join(import.meta.dirname, '../../fixtures/git/merge-tasks.ts');

/** Starts a guardian in a process group of its own, so that a kill reaches its git commands too, as a power cut would. */
const startGuardian = (args: readonly string[]) => {
	const child = spawn(node, [program, ...args], {detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment()});
	let stderr = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		stderr += text;
	});
	const ended = new Promise<{code: number | null; stderr: string}>(resolve => child.once('close', code => resolve({code, stderr})));
	const kill = (): void => {
		if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
	};
	onTestFinished(kill);
	const ready = new Promise<void>(resolve => child.stdout.once('data', () => resolve()));
	return {ended, ready, kill};
};

describe.each([
	['one task at a time, the base being checked out', 'main', 1],
	['one task at a time, the base not being checked out', 'trunk', 1],
	['trains of four, the base being checked out', 'main', 4],
	['trains of four, the base not being checked out', 'trunk', 4],
])('a guardian that is killed with its git commands, landing %s', (_what, base, length) => {
	test('lands every task exactly once, in the end', {timeout: 60_000}, async () => {
		const project = createTestRepository({files: {'README.md': 'x\n', 'shared.txt': 'shared\n'}});
		if (base !== 'main') project.git(['branch', base]);
		const start = project.head(base);
		const tasks = Array.from({length: TASKS}, (_, at) => {
			const name = `t-${at + 1}`;
			const files = Object.fromEntries(Array.from({length: 20}, (__, file) => [`${name}/${file}.txt`, `${name} ${file}\n`]));
			return `${name}=${project.branch(name, files, start)}`;
		});
		const ledger = join(project.stateFolder, 'ledger');
		const args = [project.root, join(project.stateFolder, 'guardian.git'), base, ledger, String(length), ...tasks];
		let kills = 0;
		// Counted from its first step, so that a fast machine is cut off as often as a slow one.
		for (let afterMs = 17; kills < 5; afterMs += 41) {
			const guardian = startGuardian(args);
			await Promise.race([guardian.ready, guardian.ended]);
			const isOver = await Promise.race([
				guardian.ended.then(() => true),
				new Promise<false>(resolve => setTimeout(resolve, afterMs, false)),
			]);
			if (isOver) break;
			guardian.kill();
			await guardian.ended;
			kills += 1;
			// Whatever instant it was: the base is a commit that was there before, or a whole landing with all of its train.
			const line = project.git([
				'rev-list',
				'--first-parent',
				'--format=%(trailers:key=Room-Task,valueonly)',
				'--no-commit-header',
				`${start}..${base}`,
			]);
			expect(
				line
					.split('\n')
					.filter(Boolean)
					.every(task => /^t-\d+$/.test(task)),
			).toBe(true);
			expect(line.split('\n').filter(Boolean).length % length).toBe(0);
		}
		const last = await startGuardian(args).ended;
		expect(last).toEqual({code: 0, stderr: ''});
		expect(kills).toBeGreaterThan(2);

		const merged = project
			.git(['log', '--first-parent', '--format=%(trailers:key=Room-Task,valueonly,separator=%x20)', `${start}..${base}`])
			.split('\n');
		expect(merged.sort()).toEqual(tasks.map(entry => entry.split('=')[0] ?? '').sort());
		expect(project.git(['ls-tree', '-r', '--name-only', base]).split('\n')).toHaveLength(TASKS * 20 + 2);
		expect(project.git(['fsck', '--no-progress', '--no-dangling'])).toBe('');
		expect(project.git(['status', '--porcelain'])).toBe('');
		for (const lock of ['agent-room.lock', 'index.lock', `refs/heads/${base}.lock`]) {
			expect(existsSync(join(project.root, '.git', lock)), lock).toBe(false);
		}
		expect(existsSync(ledger) && readFileSync(ledger, 'utf8')).toContain('merged');
	});
});

describe("git killed in the middle of writing a person's files", () => {
	test("the tree is put back as it was, the person's own work untouched, and the landing happens", async () => {
		const project = createTestRepository({
			files: {'.gitattributes': '*.slow filter=slow\n', 'a.txt': 'a\n', 'b.txt': 'b\n', 'gone.txt': 'x\n', 'm.slow': 'm\n', 'z.txt': 'z\n'},
		});
		const folder = join(project.stateFolder, 'work');
		project.git(['worktree', 'add', '--quiet', '-b', 'task', folder]);
		project.git(['rm', '--quiet', 'gone.txt'], folder);
		for (const name of ['a.txt', 'm.slow', 'z.txt']) project.write(name, 'task\n', folder);
		project.write('a new "one".txt', 'task\n', folder);
		const commit = project.commit('work', folder);
		const marker = join(project.stateFolder, 'in the middle');
		// A filter stops git inside its checkout, where it can be killed at a known instant.
		project.git(['config', 'filter.slow.smudge', `touch '${marker}'; sleep 600`]);
		project.write('b.txt', 'mine\n');
		const before = project.head();
		const args = [
			project.root,
			join(project.stateFolder, 'guardian.git'),
			'main',
			join(project.stateFolder, 'ledger'),
			'1',
			`t-1=${commit}`,
		];
		const guardian = startGuardian(args);
		await until(() => existsSync(marker), {what: 'git writes the files'});
		guardian.kill();
		await guardian.ended;
		project.git(['config', '--unset', 'filter.slow.smudge']);
		expect(project.read('a.txt')).toBe('task\n');
		expect(existsSync(join(project.root, '.git', 'index.lock'))).toBe(true);

		const repository = await openRepository(project.root);
		await openGuardian({repository, folder: join(project.stateFolder, 'guardian.git'), base: 'main'});
		expect(project.head()).toBe(before);
		expect(project.git(['status', '--porcelain'])).toBe(' M b.txt');
		expect(project.read('b.txt')).toBe('mine\n');

		expect(await startGuardian(args).ended).toEqual({code: 0, stderr: ''});
		expect(project.git(['status', '--porcelain'])).toBe(' M b.txt');
		expect(project.read('m.slow')).toBe('task\n');
		expect(project.git(['log', '-1', '--format=%(trailers:key=Room-Task,valueonly)']).trim()).toBe('t-1');
	});
});
