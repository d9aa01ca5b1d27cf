import {spawn} from 'node:child_process';
import {RESTORE} from './protocol.ts';

/**
 * Waits on a pipe in its own session, where no tty signal reaches it. Descriptor 3 is the tty; `$1` is data, never part of the script.
 * Reads `in` when the terminal client takes the tty with its screen, `lines` without, `out` when it gives it back. If the pipe closes
 * before `out`, the client crashed: modes and termios are restored here.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM TSTP TTIN TTOU PIPE
saved=$(stty -g <&3)
echo ready
exec >&-
state=out
while IFS= read -r word; do state=$word; done
[ "$state" != out ] || exit 0
[ "$state" != in ] || printf '%s' "$1" >&3
[ -z "$saved" ] || stty "$saved" <&3
`;

const READY_MS = 3000;

export type Watcher = {
	/** Call before taking the tty, with its screen or for lines alone. */
	entered(isLines: boolean): void;
	/** Call after giving it back; written before the process can end. */
	left(): void;
};

/**
 * Starts the watcher, which covers kill -9 of this process; resolves once it saved the tty's state on `fd`. Without `sh` or `stty` the room
 * opens without that cover.
 */
export const startWatcher = async (fd: number): Promise<Watcher> => {
	const child = spawn('/bin/sh', ['-c', SCRIPT, 'agent-room-watcher', RESTORE], {
		stdio: ['pipe', 'pipe', 'ignore', fd],
		detached: true,
		cwd: '/',
		env: {PATH: '/usr/bin:/bin:/usr/sbin:/sbin'},
	});
	const {stdin, stdout} = child;
	stdin?.on('error', () => undefined);
	await new Promise<void>(resolve => {
		const timer = setTimeout(resolve, READY_MS);
		const ready = (): void => {
			clearTimeout(timer);
			resolve();
		};
		child.once('error', ready);
		child.once('exit', ready);
		stdout?.once('data', ready);
	});
	stdout?.destroy();
	child.unref();
	if (stdin && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
	const say = (word: string): void => void (stdin?.writable && stdin.write(`${word}\n`));
	return {entered: isLines => say(isLines ? 'lines' : 'in'), left: () => say('out')};
};
