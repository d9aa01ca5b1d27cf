import {execFileSync} from 'node:child_process';
import {expect} from 'vitest';
import {signalEach} from '../../helpers/cleanup.ts';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1} from '../../helpers/engine.ts';
import {openReal} from '../../helpers/real-room.ts';
import {slackMs} from '../../helpers/wait.ts';

const MOST_MS = 3500;

testOn(
	['codex'],
	'a real codex that somebody stops by a signal is shown as stopped, with the way to continue it; then it goes on',
	async () => {
		const room = await openReal('codex', [
			{when: 'do all that it says now', turns: [{run: 'echo one >one.txt'}, {hang: true}]},
			{when: 'Go on', turns: [{run: 'agent-room report done'}, {say: 'It is done.'}]},
		]);
		await room.must({type: 'add-task', title: 'One', id: 't-1'});
		await room.when('it hangs', () => room.isAsked(step => 'hang' in step), 60_000);
		await room.when('it works', () => room.agent(DEV_1).status === 'working');
		const {pid} = room.agent(DEV_1);
		const children = (parent: number): readonly number[] => {
			const own = execFileSync('sh', ['-c', `cat /proc/${parent}/task/*/children`], {encoding: 'utf8'})
				.split(/\s+/)
				.filter(Boolean)
				.map(Number);
			return own.flatMap(child => [child, ...children(child)]);
		};
		const tree = [pid, ...children(pid)];
		signalEach(tree, 'SIGSTOP');
		const at = performance.now();
		await room.when('it is seen', () => room.agent(DEV_1).status === 'stalled');
		expect(performance.now() - at).toBeLessThan(MOST_MS + slackMs());
		expect(room.agent(DEV_1).reason).toMatch(/^stopped by a signal: continue it with `kill -CONT [\d ]+`$/);
		signalEach(tree, 'SIGCONT');
		await room.when('it works again', () => room.agent(DEV_1).status === 'working' && room.agent(DEV_1).reason === '');
	},
);
