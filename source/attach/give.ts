import {spawn} from 'node:child_process';

/** tmux is asked to take a text for this long, ms. */
const TMUX_MS = 2000;
/** A browser that has not failed by then, ms, is taken to be open: some stay in the foreground as long as they live. */
const BROWSER_MS = 1500;

/** How an address is shown on this machine; undefined where no screen is to show it on. */
const opener = (environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | undefined => {
	if (platform === 'darwin') return environment.SSH_CONNECTION ? undefined : 'open';
	return environment.DISPLAY || environment.WAYLAND_DISPLAY ? 'xdg-open' : undefined;
};

/** Whether a command took it: it ended well in time, or, where it may be left alone, has not failed by then. */
const took = (command: readonly [string, ...string[]], input: string, limitMs: number, isLeftAlone: boolean): Promise<boolean> =>
	new Promise(resolve => {
		const [program, ...args] = command;
		const child = spawn(program, args, {stdio: ['pipe', 'ignore', 'ignore'], detached: isLeftAlone, cwd: '/'});
		const timer = setTimeout(() => {
			if (!isLeftAlone) child.kill('SIGKILL');
			child.unref();
			resolve(isLeftAlone);
		}, limitMs);
		const over = (isTaken: boolean): void => {
			clearTimeout(timer);
			resolve(isTaken);
		};
		child.once('error', () => over(false));
		child.once('exit', code => over(code === 0));
		child.stdin.on('error', () => undefined);
		child.stdin.end(input);
	});

/**
 * Gives a text to something beside the terminal: the buffer of the tmux that this terminal is in, which hands it on to the clipboard, or the
 * person's browser. Resolves with whether it was taken; the tty is not touched. An address is https or http and goes as one argument.
 */
export const give = async (
	to: 'clipboard' | 'browser',
	text: string,
	environment: NodeJS.ProcessEnv = process.env,
	platform: NodeJS.Platform = process.platform,
): Promise<boolean> => {
	if (to === 'clipboard') return environment.TMUX ? took(['tmux', 'load-buffer', '-w', '-'], text, TMUX_MS, false) : false;
	const program = /^https?:\/\/[\x21-\x7e]+$/.test(text) ? opener(environment, platform) : undefined;
	return program ? took([program, text], '', BROWSER_MS, true) : false;
};
