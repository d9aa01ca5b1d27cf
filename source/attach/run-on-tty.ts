import {spawn, spawnSync} from 'node:child_process';
import {RESTORE} from './screen-bytes.ts';

/** A program that is told to go gets this long before it is killed, ms. */
const GRACE_MS = 500;

const stty = (argument: string): string =>
	spawnSync('stty', [argument], {stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8', timeout: 1000}).stdout ?? '';

/**
 * Runs a program on the tty of this process, which must have been given back before. Resolves with its exit code, 128 + n after a
 * signal, 127 if it could not be started. `leave` makes one go that does not go by itself; whatever ended by a signal has left the tty in
 * modes of its own, which are taken back then.
 */
export const runOnTty = (command: readonly string[], cwd: string, leave: AbortSignal): Promise<number> =>
	new Promise(resolve => {
		const [program = '', ...args] = command;
		const saved = stty('-g').trim();
		try {
			const child = spawn(program, args, {cwd, stdio: 'inherit'});
			let killer: NodeJS.Timeout | undefined;
			const tell = (): void => {
				child.kill('SIGHUP');
				// One that is stopped hears nothing until it goes on.
				child.kill('SIGCONT');
				killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
			};
			leave.addEventListener('abort', tell, {once: true});
			child.once('error', () => resolve(127));
			child.once('exit', (code, signal) => {
				leave.removeEventListener('abort', tell);
				clearTimeout(killer);
				if (signal !== null) {
					// A tty that ctrl+s has stopped takes nothing, and this process would wait for it without end.
					if (saved) stty('-ixon');
					process.stdout.write(RESTORE);
					if (saved) stty(saved);
				}
				resolve(code ?? (signal === 'SIGKILL' ? 137 : signal === 'SIGINT' ? 130 : 143));
			});
		} catch {
			resolve(127);
		}
	});
