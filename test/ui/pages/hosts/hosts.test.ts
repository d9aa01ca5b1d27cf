import {describe, expect, test} from 'vitest';
import {whatMoves} from '../../../../source/core/queue/unblock.ts';
import {whyHere} from '../../../../source/core/queue/why.ts';
import {drive} from '../../fixtures/driver.ts';
import {hostsPage, spreadRoom} from '../../fixtures/machines.ts';
import {open, withTerminals} from '../../fixtures/open.ts';
import {NOW} from '../../fixtures/room.ts';
import {createTestStore} from '../../fixtures/store.ts';

withTerminals();

describe('machines', () => {
	test('are a key away, with what each may run, and lead to their agents by a filter', async () => {
		const store = createTestStore(spreadRoom());
		store.looks.hosts.set('', hostsPage());
		const terminal = open(store, {columns: 160, rows: 45});
		terminal.type('S');
		await terminal.shows('MACHINES │');
		await terminal.shows(() => /big-1 +up \* +2 of 3 +80% +6\.5 GB +2s +0\.1\.0 +2 developer, 1 reviewer/.test(terminal.text()));
		expect(terminal.text()).toMatch(/big-2 +gone +6m/);
		terminal.type('j\r');
		await terminal.shows('h:big-1');
		await terminal.shows(() => terminal.text().includes('dev-3@big-1') && !terminal.text().includes('dev-1@laptop'));
	});

	test('that drain are there until their last task has ended, and say how many that are', async () => {
		const store = createTestStore(spreadRoom());
		const page = hostsPage();
		store.looks.hosts.set('', {...page, hosts: page.hosts.map(host => (host.host === 'big-1' ? {...host, state: 'draining'} : host))});
		const terminal = open(store, {columns: 120, rows: 40});
		terminal.type('S');
		await terminal.shows('1 draining');
		terminal.type('j');
		await terminal.shows('draining, 2 tasks to end');
		expect(terminal.text()).toMatch(/Machines 2 /);
		expect(terminal.text()).toMatch(/big-1 +draining/);
	});

	test('take no keys from elsewhere where they say so, and the person is told by whom', () => {
		const snapshot = spreadRoom();
		const info = {agent: 'agent:dev:002', lastLine: '', outputAt: 0, columns: 80, rows: 24, isRunning: true};
		const off = {...info, elsewhere: {isShown: true, isTypingOff: true, problem: ''}};
		const {state} = drive({...snapshot, panes: new Map([[info.agent, off]])}).keys('i');
		expect([state.typing, state.toast?.text]).toEqual([
			'',
			'big-1 allows no typing from other machines: `remoteTyping: off` is set there.',
		]);
		expect(drive({...snapshot, panes: new Map([[info.agent, info]])}).keys('i').state.dialog?.kind).toBe('hint');
	});

	test('are named where it is said why a task is where it is', () => {
		const {team} = spreadRoom();
		const [running, waiting] = [team.tasks.get('t-1'), team.tasks.get('t-3')];
		if (!running || !waiting) throw new Error('no such task');
		expect(whyHere(running, team, NOW)).toMatch(/^dev-2@big-1 works on it/);
		expect(whyHere(waiting, team, NOW)).toBe('no machine offers gpu');
		expect(whatMoves(waiting, team)).toBe(
			'add `capabilities: [gpu]` to a developer in `team:` in agent-room.yaml of a machine that has it',
		);
	});
});
