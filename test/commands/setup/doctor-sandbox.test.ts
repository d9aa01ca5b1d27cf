import {expect, test} from 'vitest';
import {hiddenWorktrees} from '../../../source/commands/setup/doctor-sandbox.ts';
import {configSchema} from '../../../source/core/config/config.ts';

test('worktrees below /dev get a warning only where the sandbox of Codex, which hides them, is used', () => {
	const told = (given: object, stateFolder = '/dev/shm/state/shop', kind: 'none' | 'bubblewrap' = 'none', onPath = '') =>
		hiddenWorktrees({config: configSchema.parse(given), stateFolder}, kind, name => name === onPath);
	const team = (harness: string, more: object = {}) => ({team: [{role: 'developer', harness, ...more}]});
	expect(told(team('codex'))).toMatchObject({
		result: 'warn',
		text: 'its sandbox hides everything below /dev from its commands, and the worktrees are in /dev/shm/state/shop',
		fix: 'set `XDG_STATE_HOME` to a folder outside of /dev',
	});
	expect(told({...team('mine'), harnesses: {mine: {cli: 'codex'}}})).toBeDefined();
	expect(told({...team('mine'), harnesses: {mine: {cli: 'codex', sandbox: 'off'}}}, '/dev/shm/s', 'bubblewrap')).toBeDefined();
	expect(told({}, '/dev/shm/s', 'none', 'codex')).toBeDefined();
	for (const none of [
		told(team('codex'), '/home/me/.local/state'),
		told(team('codex'), '/device/state'),
		told(team('codex'), '/dev/shm/s', 'bubblewrap'),
		told(team('codex', {permissions: 'full'})),
		told(team('claude'), '/dev/shm/s', 'none', 'codex'),
		told({}),
	])
		expect(none).toBeUndefined();
});
