import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {isAlive, signalProcess, startTimeOf} from '../../source/os/process-identity.ts';
import {type Marker, markedPids, readProcess, readProcessTable} from '../../source/os/process-table.ts';
import {continueTree, descendants, endTree, findMarked, signalTree, stopTree} from '../../source/os/process-tree.ts';
import {startProcess} from '../../source/pty/process.ts';
import {waitFor} from '../wait-for.ts';

const file = join(import.meta.dirname, '../fixtures/family.mjs');
let number = 0;
const markers: Marker[] = [];

afterEach(async () => {
	for (const marker of markers) await endTree({pid: 0, startTime: ''}, marker, {graceMs: 0});
});

/** A pane with a tool in its own session and an orphan of init in another. */
const startFamily = async (how = '') => {
	const marker: Marker = ['ROOM_TEST_TREE', `${process.pid}-${++number}`];
	markers.push(marker);
	const root = startProcess({
		command: [process.execPath, file, how],
		cwd: '/',
		env: {PATH: process.env.PATH ?? ''},
		columns: 80,
		rows: 24,
		marker,
	});
	let text = '';
	root.onData(bytes => {
		text += Buffer.from(bytes).toString();
	});
	const [, , tool, orphan] = await waitFor('the family is ready', () => /ready (\d+) (\d+) (\d+)/.exec(text));
	const ended = new Promise<unknown>(resolve => root.onEnd(resolve));
	return {root, marker, tool: Number(tool), orphan: Number(orphan), ended};
};

const stateOf = (pid: number): string => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';

describe('the processes of a pane', () => {
	test('include a tool in its own session and an orphan that init took over', async () => {
		const {root, marker, tool, orphan} = await startFamily();
		expect(readProcess(tool)?.session).toBe(tool);
		expect(readProcess(orphan)?.parent).not.toBe(root.pid);
		const pids = descendants(root, marker).map(row => row.pid);
		expect(pids).toContain(tool);
		expect(pids).toContain(orphan);
		expect(pids).not.toContain(root.pid);
		expect(findMarked(marker).map(row => row.pid)).toContain(root.pid);
	});

	test('include a child that dropped the whole environment', async () => {
		const marker: Marker = ['ROOM_TEST_TREE', `${process.pid}-bare`];
		const root = startProcess({
			command: ['sh', '-c', 'env -i sleep 100 & wait'],
			cwd: '/',
			env: {PATH: process.env.PATH ?? ''},
			columns: 80,
			rows: 24,
			marker,
		});
		markers.push(marker);
		await waitFor('it has a child without the marker', () =>
			descendants(root, marker).some(row => !markedPids(marker, [row]).has(row.pid)),
		);
		expect(await endTree(root, marker, {graceMs: 2000})).toEqual([]);
	});

	test('can be stopped whole and go on', async () => {
		const {root, marker, tool, orphan} = await startFamily();
		expect(stopTree(root, marker)).toBeGreaterThanOrEqual(3);
		await waitFor('all stand still', () => [root.pid, tool, orphan].every(pid => 'TD'.includes(stateOf(pid))));
		continueTree(root, marker);
		await waitFor('nobody stands still', () => [root.pid, tool, orphan].every(pid => stateOf(pid) !== 'T'));
	});

	test('are not counted as stopped where the signal failed, and are tried again', async () => {
		const {root, marker, tool, orphan} = await startFamily();
		const {kill} = process;
		// Counted by signal: the shells of the family start a `sleep` after the other, so their number changes all the time.
		const signalled = new Set<number>();
		const refusing = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
			if (pid === tool) throw Object.assign(new Error('kill EPERM'), {code: 'EPERM'});
			kill.call(process, pid, signal);
			if (signal === 'SIGSTOP') signalled.add(pid);
			return true;
		});
		const stopped = stopTree(root, marker);
		refusing.mockRestore();
		expect([...signalled]).toEqual(expect.arrayContaining([root.pid, orphan]));
		expect(stopped).toBe(signalled.size);
		await waitFor('the others stand still', () => [root.pid, orphan].every(pid => 'TD'.includes(stateOf(pid))));
		expect(stateOf(tool)).not.toBe('T');
		stopTree(root, marker);
		await waitFor('all stand still', () => stateOf(tool) === 'T');
	});

	test('end together, asked politely', async () => {
		const {root, marker, tool, orphan, ended} = await startFamily();
		expect(await endTree(root, marker, {graceMs: 5000})).toEqual([]);
		expect(await ended).toEqual({exitCode: 143, signal: 'SIGTERM'});
		expect([tool, orphan].map(startTimeOf)).toEqual(['', '']);
	});

	test('end together although they do not listen, and although they were paused', async () => {
		const {root, marker, tool, orphan, ended} = await startFamily('stubborn');
		stopTree(root, marker);
		expect(await endTree(root, marker, {graceMs: 200})).toEqual([]);
		expect(await ended).toEqual({exitCode: 137, signal: 'SIGKILL'});
		expect([tool, orphan].map(startTimeOf)).toEqual(['', '']);
	});

	test('are found by a later room when their pane died', async () => {
		const {root, marker, tool, orphan, ended} = await startFamily();
		signalProcess(root, 'SIGKILL');
		await ended;
		expect(findMarked(marker).map(row => row.pid)).toEqual(expect.arrayContaining([tool, orphan]));
		expect(await endTree(root, marker, {graceMs: 2000})).toEqual([]);
		expect(findMarked(marker)).toEqual([]);
	});
});

describe('the identity of a process', () => {
	test('is not that of another process with the same pid', async () => {
		const child = spawn('sleep', ['100']);
		const pid = child.pid ?? 0;
		const startTime = startTimeOf(pid);
		const earlier = {pid, startTime: `${startTime}0`};
		expect(isAlive({pid, startTime})).toBe(true);
		expect(isAlive(earlier)).toBe(false);
		expect(isAlive({pid, startTime: ''})).toBe(false);
		expect(signalProcess(earlier, 'SIGKILL')).toBe(false);
		expect(signalTree(earlier, ['ROOM_TEST_TREE', 'nobody'], 'SIGKILL')).toBe(0);
		expect(signalProcess({pid, startTime}, 'SIGKILL')).toBe(true);
		await new Promise(resolve => child.once('exit', resolve));
		expect(isAlive({pid, startTime})).toBe(false);
		expect(startTimeOf(pid)).toBe('');
	});

	test('of a zombie counts as dead', async () => {
		const root = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 100'], {stdio: ['ignore', 'pipe', 'ignore']});
		const zombie = await new Promise<number>(resolve => root.stdout.once('data', data => resolve(Number(data))));
		await waitFor('its child is a zombie', () => stateOf(zombie) === 'Z');
		expect(startTimeOf(zombie)).toBe('');
		root.kill('SIGKILL');
	});

	test('never is this process or init', () => {
		expect(signalProcess({pid: process.pid, startTime: startTimeOf(process.pid)}, 'SIGCONT')).toBe(false);
		expect(signalProcess({pid: 1, startTime: startTimeOf(1)}, 'SIGCONT')).toBe(false);
	});
});

test('where there is no /proc, ps tells the same parents and the same marks', async () => {
	const {root, marker, tool} = await startFamily();
	const rows = readProcessTable(false);
	expect(rows.find(row => row.pid === tool)?.parent).toBe(root.pid);
	expect(readProcess(root.pid, false)?.startTime).toBe(rows.find(row => row.pid === root.pid)?.startTime);
	const marked = markedPids(marker, rows, false);
	expect(marked.has(tool)).toBe(true);
	expect(marked.has(root.pid)).toBe(true);
	expect(marked.has(process.pid)).toBe(false);
});
