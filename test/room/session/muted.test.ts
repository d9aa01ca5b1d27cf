import {describe, expect, onTestFinished, vi} from 'vitest';
import {claude} from '../../../source/harnesses/claude/claude.ts';
import {openClaude, screenOf, sessionIn} from '../../helpers/claude-room.ts';
import {testOn} from '../../helpers/cli.ts';
import {DEV_1} from '../../helpers/engine.ts';

const ADD = {type: 'add-task', title: 'One', id: 'one'} as const;

describe('a real claude whose hooks say nothing that is known', () => {
	testOn(['claude'], 'is seen by its own file and its screen, asks on the card, and the digit is typed into its dialog', async () => {
		// As after an update that renamed all its hooks.
		const muted = vi.spyOn(claude, 'readHook').mockReturnValue([]);
		onTestFinished(() => muted.mockRestore());
		const room = await openClaude(() => [
			{run: 'curl --version && touch first'},
			{run: 'agent-room report commit "Say hello"'},
			{run: 'agent-room report done'},
			{say: 'Done.'},
		]);
		const states = new Set<string>();
		room.store.subscribe(() => states.add(room.store.getSnapshot().team.agents.get(DEV_1)?.status ?? 'none'));
		await room.must(ADD);
		await room.when('it asks', () => room.agent(DEV_1).status === 'needs-input' && room.agent(DEV_1).choices.length > 1);
		expect(room.agent(DEV_1)).toMatchObject({choices: ['Yes', expect.any(String), expect.any(String), 'No']});
		expect(screenOf(room)).toContain('Do you want to proceed?');
		expect((await sessionIn(room))?.source).not.toBe('hook');
		await room.must({type: 'answer', agent: 'dev-1', questionId: room.agent(DEV_1).questionId, choice: 1});
		await room.when('it is merged', () => room.task('one').state === 'merged');
		for (const wrong of ['waiting', 'crashed', 'rate-limited', 'logged-out']) expect([...states]).not.toContain(wrong);
	});
});
