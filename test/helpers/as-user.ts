import {execFileSync} from 'node:child_process';
import {join} from 'node:path';
import {cleanEnvironment, node, root} from './program.ts';

const isRoot = process.getuid?.() === 0;
/** Root may write anywhere, unless it gives that up. */
const WITHOUT_POWER = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];

/** Whether something can run here that the modes of files hold back. */
export const canBeHeldBack = !isRoot || process.platform === 'linux';

/** Runs one of the steps of `fixtures/os/steps.ts` so that the modes of files count, as they do for a user, and returns what it prints. */
export const stepAsUser = (...step: readonly string[]): string => {
	const [killAt = '', steps = ''] = ['kill-at.ts', 'steps.ts'].map(name => join(root, 'test', 'fixtures', 'os', name));
	const [program = '', ...args] = [...WITHOUT_POWER, node, '--import', killAt, steps, ...step];
	return execFileSync(program, args, {encoding: 'utf8', stdio: 'pipe', env: cleanEnvironment()});
};
