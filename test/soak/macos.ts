import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import process from 'node:process';
import {copyAsMac, linkedFolder} from '../helpers/as-mac.ts';
import {node, root} from '../helpers/program.ts';

/** The stories of survival, and of what a person leaves behind. */
const STORIES = ['survival', 'survival-start', 'survival-standing', 'survival-rebuild', 'survival-random', 'survival-terminal', 'macos'];

/**
 * The stories of survival once more, of a program whose `/proc` is switched off and whose `ps` is that of macOS, with every temporary file behind
 * a link. Resolves with whether all passed.
 */
export const soakMac = async (breakOff: AbortSignal): Promise<boolean> => {
	const folder = mkdtempSync(join(tmpdir(), 'ar-mac-'));
	try {
		const mac = copyAsMac(folder);
		const env = {
			...{...process.env, ROOM_UNDER_TEST: mac.package, TMPDIR: linkedFolder(folder)},
			PATH: `${mac.commands}:${join(root, 'node_modules', '.bin')}:${process.env.PATH ?? ''}`,
		};
		const files = STORIES.map(name => join('test', 'stories', `${name}.test.ts`));
		const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
		const args = ['run', '--config', join('test', 'vitest.config.ts'), '--project', 'redis', '--maxWorkers', '1', ...files];
		const child = spawn(node, [vitest, ...args], {cwd: root, env, stdio: 'inherit', signal: breakOff});
		return await new Promise(resolve => {
			child.once('error', () => resolve(false));
			child.once('exit', code => resolve(code === 0));
		});
	} finally {
		rmSync(folder, {recursive: true, force: true, maxRetries: 10, retryDelay: 100});
	}
};
