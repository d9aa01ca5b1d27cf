import {spawn} from 'node:child_process';

/**
 * Runs a program on the tty of this process, which must have been given back before. Resolves with its exit code, 128 + n after a
 * signal, 127 if it could not be started.
 */
export const runOnTty = (command: readonly string[], cwd: string): Promise<number> =>
	new Promise(resolve => {
		const [program = '', ...args] = command;
		try {
			const child = spawn(program, args, {cwd, stdio: 'inherit'});
			child.once('error', () => resolve(127));
			child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : signal === 'SIGINT' ? 130 : 143)));
		} catch {
			resolve(127);
		}
	});
