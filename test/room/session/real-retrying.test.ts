import {expect} from 'vitest';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1} from '../../helpers/engine.ts';
import {openReal} from '../../helpers/real-room.ts';

/** How each CLI is refused until it shows why it asks again: Codex ends its turn at a limit that names no time. */
const REFUSED = {
	claude: {fail: 429, times: 4},
	codex: {fail: 429, times: 1, headers: {'retry-after': '4'}},
	opencode: {fail: 429, times: 2},
} as const;

for (const cli of ['claude', 'codex', 'opencode'] as const)
	testOn(
		[cli],
		`a real ${cli} that its provider refuses is shown as rate-limited while it retries, its account waits with it, and it goes on by itself`,
		async () => {
			const room = await openReal(cli, [
				{
					when: 'do all that it says now',
					turns: [{run: 'echo one >one.txt'}, REFUSED[cli], {run: 'agent-room report done'}, {say: 'It is done.'}],
				},
			]);
			await room.must({type: 'add-task', title: 'One', id: 't-1'});
			await room.when('it is refused', () => room.isAsked(step => 'fail' in step), 90_000);
			await room.when('it is rate-limited', () => room.agent(DEV_1).status === 'rate-limited');
			expect(room.agent(DEV_1).reason).toMatch(/^rate-limited: .*, attempt \d/);
			if (cli !== 'codex') expect(room.agent(DEV_1).retryAt).toBeGreaterThan(Date.now() - 5000);
			await room.when('its account waits', () => room.events.some(({type}) => type === 'account_throttled'));
			await room.when('it is merged', () => room.task('t-1').state === 'merged', 90_000);
			expect(room.events.filter(({type, agent}) => type === 'task_claimed' && agent === DEV_1)).toHaveLength(1);
			expect(room.task('t-1').failures).toBe(0);
		},
	);
