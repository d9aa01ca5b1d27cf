import {expect, test} from 'vitest';
import {configSchema} from '../../../source/core/config/config.ts';
import type {Room} from '../../../source/room/parts/parts.ts';
import {wantsAudit} from '../../../source/room/prepare/guard.ts';
import {createTestRepository} from '../../helpers/repository.ts';

test('what touches a guarded path is audited, and so is what git cannot look at', async () => {
	const made = createTestRepository();
	const plain = made.branch('agent/a-a1', {'src/ui.ts': 'x'});
	const touching = made.branch('agent/b-a1', {'src/auth/login.ts': 'x'});
	const said: string[] = [];
	const room = (protectedPaths: readonly string[]) =>
		({
			facts: {
				config: configSchema.parse({protectedPaths}),
				guardian: {folder: made.root},
				log: (line: string) => said.push(line),
			},
			merges: {workBase: async () => made.head()},
		}) as unknown as Room;
	const decision = (globs: readonly string[], commit: string, audit = false) =>
		wantsAudit(room(globs), {id: 't', audit, feature: ''}, commit);
	expect(await decision(['src/auth/**'], plain)).toBe(false);
	expect(await decision(['src/auth/**'], touching)).toBe(true);
	expect(await decision([], touching)).toBe(false);
	expect(await decision([], plain, true)).toBe(true);
	expect(said).toEqual([]);
	expect(await decision(['src/auth/**'], '0123456789012345678901234567890123456789')).toBe(true);
	expect(said[0]).toContain('could not be read, so they get a security review');
});
