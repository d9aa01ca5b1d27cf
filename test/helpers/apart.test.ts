import {realpathSync} from 'node:fs';
import {expect, test} from 'vitest';
import {runApart} from './apart.ts';
import {temporaryFolder} from './cleanup.ts';

const sh = (script: string, options: Parameters<typeof runApart>[2] = {}): string => runApart('sh', ['-c', script], options).toString();

test('a command of the small process has the folder, the variables and the input it is given, and runs in another process', () => {
	const cwd = realpathSync(temporaryFolder());
	expect(sh('pwd; echo "$A"; cat', {cwd, env: {...process.env, A: 'é\n'}, input: 'in\u0000put'})).toBe(`${cwd}\né\n\nin\u0000put`);
	expect(Number(sh('echo $PPID'))).not.toBe(process.pid);
	expect(sh('echo $PPID')).toBe(sh('echo $PPID'));
});

test('much goes in and comes out, byte for byte', () => {
	const bytes = Buffer.from(Array.from({length: 3_000_000}, (_, at) => (at * 7) % 256));
	expect(runApart('cat', [], {input: bytes}).equals(bytes)).toBe(true);
});

test('one that fails throws with what it said, one that is not there too, and the next runs', () => {
	const failing = (run: () => unknown): unknown => {
		try {
			return run();
		} catch (error) {
			return error;
		}
	};
	expect(failing(() => sh('echo out; echo wrong >&2; exit 3'))).toMatchObject({
		message: expect.stringContaining('wrong'),
		status: 3,
		stdout: 'out\n',
		stderr: 'wrong\n',
	});
	expect(failing(() => sh('kill -9 $$'))).toMatchObject({status: null, signal: 'SIGKILL'});
	expect(failing(() => runApart('/nowhere/at-all', []))).toMatchObject({message: expect.stringContaining('ENOENT')});
	expect(failing(() => sh('exec sleep 300', {timeoutMs: 50}))).toMatchObject({message: expect.stringContaining('ETIMEDOUT')});
	expect(sh('echo on')).toBe('on\n');
});
