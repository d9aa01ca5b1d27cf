import {spawn} from 'node:child_process';
import {RESTORE} from './protocol.ts';

/**
 * Waits on its pipe in a session of its own, where no signal of the tty reaches it. The tty is descriptor 3. It reads `in` when the
 * terminal end has taken the tty with its screen, `lines` when without, and `out` when it has given it back; when the pipe closes before that, the terminal end has died with
 * the tty in its hands, and the modes and the saved termios are put back here. `$1` is data, never part of the script.
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
	/** Called when the tty is about to be taken, with its screen or for lines alone. */
	entered(isLines: boolean): void;
	/** Called when it has been given back; written before the process can end. */
	left(): void;
};

/**
 * Starts the watcher, which covers a kill -9 of this process, and resolves once it has saved the state of the tty on `fd`. Without `sh`
 * or `stty` the room still opens, only without that cover.
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
