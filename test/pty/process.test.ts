import {execFileSync} from 'node:child_process';
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import {ProcessRefused} from '../../source/os/find-program.ts';
import {type ProcessEnd, type ProcessStart, startProcess} from '../../source/pty/process.ts';
import {waitFor} from '../wait-for.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'agent-room-pty-'));

afterAll(() => rmSync(folder, {recursive: true, force: true}));

const start = (command: readonly string[], options: Partial<ProcessStart> = {}) => {
	const pane = startProcess({
		command,
		cwd: folder,
		env: {PATH: process.env.PATH ?? ''},
		columns: 80,
		rows: 24,
		marker: ['ROOM_TEST', 'process'],
		...options,
	});
	const chunks: Uint8Array[] = [];
	pane.onData(bytes => chunks.push(bytes));
	const text = (): string => Buffer.concat(chunks).toString('utf8');
	const ended = new Promise<ProcessEnd>(resolve => pane.onEnd(resolve));
	return {pane, text, ended};
};

describe('a process in a pane', () => {
	test('runs on a terminal of the given size, in the given folder, with exactly the given environment', async () => {
		const {text, ended} = start(['sh', '-c', 'stty size; pwd; env']);
		expect(await ended).toEqual({exitCode: 0, signal: ''});
		const lines = text().trim().split('\r\n');
		expect(lines.slice(0, 2)).toEqual(['24 80', folder]);
		const names = lines.slice(2).map(line => line.split('=')[0]);
		expect(new Set(names)).toEqual(
			new Set([
				'PATH',
				'PWD',
				'TERM',
				'COLORTERM',
				'ROOM_TEST',
				...names.filter(name => name === '_' || name === 'OLDPWD' || name === 'SHLVL'),
			]),
		);
		expect(lines).toContain('TERM=xterm-256color');
		expect(lines).toContain('COLORTERM=truecolor');
	});

	test('hands its arguments over untouched by any shell', async () => {
		const hostile = ['$(touch pwned)', '`id`', ';', "'", '--', '*'];
		const {text, ended} = start(['printf', '%s\\n', ...hostile]);
		await ended;
		expect(text().trim().split('\r\n')).toEqual(hostile);
	});

	test('delivers the last of 300 KB before it says that the process ended', async () => {
		for (let run = 0; run < 5; run++) {
			const {text, ended} = start([process.execPath, join(fixtures, 'burst.mjs')]);
			expect(await ended).toEqual({exitCode: 7, signal: ''});
			expect(text().length).toBe(300_003);
			expect(text().endsWith('END')).toBe(true);
		}
	});

	test('loses nothing when its reader had paused as it ended', async () => {
		const {pane, text, ended} = start(['sh', '-c', 'read go; printf 0123456789; exit 3']);
		pane.pauseReading();
		pane.write('\n');
		expect(await ended).toEqual({exitCode: 3, signal: ''});
		expect(text()).toContain('0123456789');
	});

	test('blocks while its reader has paused and goes on when the reader does', async () => {
		const {pane, text, ended} = start(['sh', '-c', 'head -c 3000000 /dev/zero | tr "\\0" x; echo END']);
		await waitFor('some output came', () => text().length > 0);
		pane.pauseReading();
		const paused = text().length;
		let turns = 0;
		await waitFor('the event loop turned a hundred times', () => ++turns > 100);
		expect(text().length).toBeLessThan(paused + 200_000);
		pane.resumeReading();
		await ended;
		expect(text().length).toBe(3_000_005);
	});

	test('reports a death by signal as that signal', async () => {
		const {pane, ended} = start(['sleep', '100']);
		process.kill(pane.pid, 'SIGKILL');
		expect(await ended).toEqual({exitCode: 137, signal: 'SIGKILL'});
	});

	test('gets what is typed and notices a new size', async () => {
		const {pane, text, ended} = start([
			'sh',
			'-c',
			'trap \'stty size; exit 0\' WINCH; echo ready; while :; do read line && echo "<$line>"; done',
		]);
		await waitFor('it is ready', () => text().includes('ready'));
		pane.write('hello\r');
		await waitFor('it echoed', () => text().includes('<hello>'));
		pane.resize(132, 50);
		pane.write('\r');
		await ended;
		expect(text()).toContain('50 132');
	});

	test('refuses bytes for a program that does not read, instead of keeping them for ever', async () => {
		const {pane, text, ended} = start(['sh', '-c', 'stty raw; echo ready; exec sleep 100']);
		await waitFor('it is ready', () => text().includes('ready'));
		const chunk = 'x'.repeat(100_000);
		let accepted = 0;
		while (pane.write(chunk) && accepted < 100) accepted++;
		expect(accepted).toBeGreaterThan(5);
		expect(accepted).toBeLessThan(20);
		let turns = 0;
		await waitFor('the event loop turns on', () => ++turns > 20);
		process.kill(pane.pid, 'SIGKILL');
		await ended;
		expect(pane.write('late')).toBe(false);
		pane.resize(10, 10);
	});

	test('gets a long paste whole and in order, at its own pace', async () => {
		const {pane, text, ended} = start(['sh', '-c', 'stty raw -echo; echo ready; sleep 0.2; head -c 500000 | cksum']);
		await waitFor('it is ready', () => text().includes('ready'));
		const paste = Array.from({length: 50_000}, (_, index) => String(index).padStart(9, '0'))
			.join('\n')
			.concat('\n');
		for (let at = 0; at < paste.length; at += 70_000) expect(pane.write(paste.slice(at, at + 70_000))).toBe(true);
		await ended;
		expect(text()).toContain(execFileSync('cksum', {input: paste, encoding: 'utf8'}).trim());
	});

	test('tells a listener that comes late how it ended', async () => {
		const {pane, ended} = start(['sh', '-c', 'exit 5']);
		await ended;
		let told: ProcessEnd | undefined;
		pane.onEnd(end => {
			told = end;
		});
		expect(told).toEqual({exitCode: 5, signal: ''});
	});
});

describe('a process that cannot start is refused by name', () => {
	const refusal = (command: readonly string[], options: Partial<ProcessStart> = {}): unknown => {
		try {
			return start(command, options);
		} catch (error) {
			return error;
		}
	};

	test.each([
		['a missing command', ['no-such-program'], {}, 'The command `no-such-program` is not on the PATH.'],
		['a missing file', ['./nothing'], {}, '`./nothing` does not exist.'],
		['no command at all', [], {}, 'The command is empty.'],
		['a folder that is gone', ['true'], {cwd: '/nowhere/at/all'}, 'The folder `/nowhere/at/all` does not exist.'],
		['a folder as the program', ['/tmp'], {}, '`/tmp` does not exist.'],
	])('%s', (_, command, options, message) => {
		const error = refusal(command, options);
		expect(error).toBeInstanceOf(ProcessRefused);
		expect(error).toHaveProperty('message', message);
	});

	test('a file without the right to run', () => {
		const file = join(folder, 'text-file');
		writeFileSync(file, '#!/bin/sh\n');
		chmodSync(file, 0o644);
		expect(refusal(['./text-file'])).toHaveProperty('message', '`./text-file` is not executable.');
		expect(refusal(['text-file'], {env: {PATH: folder}})).toHaveProperty('message', '`text-file` is on the PATH but not executable.');
	});
});
