import {expect, test} from 'vitest';
import {startsText} from '../../../source/commands/room/what-starts.ts';

const member = (role: string, harness: string, count = 1) => ({role, harness, count, capabilities: [], args: []});

test('the start page says which agents begin, whose accounts they use, and what they begin with', () => {
	const team = [member('developer', 'claude', 2), member('code-sentinel', 'work'), member('orchestrator', 'mine')];
	const harnesses = {work: {cli: 'codex' as const, account: 'codex-work', env: {}}, mine: {command: ['./x'], env: {}}};
	expect(startsText({team, harnesses, queued: 3})).toBe(
		'Opening starts 2 developers (claude), reviewer (work) and planner (mine). They use your accounts claude and codex-work. 3 tasks are queued: work on them begins at once.',
	);
	expect(startsText({team: [member('developer', 'mine')], harnesses, queued: 0})).toBe(
		'Opening starts developer (mine). No task is queued: nothing is spent until you add one.',
	);
	expect(startsText({team: [], harnesses: {}, queued: 2})).toBe('Opening starts no agent: there is no team.');
});
