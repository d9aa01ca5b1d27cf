import {readdirSync, readlinkSync} from 'node:fs';
import {expect, test} from 'vitest';
import {endTree} from '../../source/os/process-tree.ts';
import {startProcess} from '../../source/pty/process.ts';
import {waitFor} from '../wait-for.ts';

const marker = ['ROOM_TEST', 'isolation'] as const;

test('a pane holds no terminal of the panes beside it', async () => {
	const start = () =>
		startProcess({
			command: ['sh', '-c', 'echo ready; exec sleep 60'],
			cwd: '/',
			env: {PATH: process.env.PATH ?? ''},
			columns: 80,
			rows: 24,
			marker,
		});
	const first = start();
	const second = start();
	let said = '';
	second.onData(bytes => {
		said += Buffer.from(bytes).toString();
	});
	try {
		await waitFor('the second pane is up', () => said.includes('ready'));
		const masters = readdirSync(`/proc/${second.pid}/fd`).filter(fd => readlinkSync(`/proc/${second.pid}/fd/${fd}`).endsWith('ptmx'));
		expect(masters).toEqual([]);
	} finally {
		await endTree(first, marker, {graceMs: 100});
		await endTree(second, marker, {graceMs: 100});
	}
});
