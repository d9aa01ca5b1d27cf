import {spawn} from 'node:child_process';
import {dirname} from 'node:path';
import type {OwnGit, Tool} from './protocol.ts';

/** tmux is asked to take a text for this long, ms. */
const TMUX_MS = 2000;
/** A browser that has not failed by then, ms, is taken to be open: some stay in the foreground as long as they live. */
const BROWSER_MS = 1500;

/** How an address is shown on this machine; undefined if no screen is to show it on. */
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
 * Gives a text to something next to the terminal: the buffer of the tmux that this terminal is in, which hands it on to the clipboard, or
 * the user's browser. Resolves with whether it was taken; the tty is not touched. An address is https or http and goes as one argument.
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

/** The words of the variable are a shell's, as git takes them; a file is always one argument. */
const EDITOR = `
if [ -n "\${VISUAL:-\${EDITOR:-}}" ]; then eval "exec \${VISUAL:-$EDITOR} \\"\\$@\\""; fi
for editor in vi vim nano emacs; do command -v "$editor" >/dev/null 2>&1 && exec "$editor" "$@"; done
exit 127`;

const SCRIPTS: Readonly<Record<Tool, string>> = {
	editor: EDITOR,
	folder: EDITOR,
	// Starts no editor or shell of its own, and opens at the end, where a failure says why.
	pager: `
export LESSSECURE=1
command -v less >/dev/null 2>&1 && exec less +G "$@"
command -v more >/dev/null 2>&1 && exec more "$@"
exit 127`,
	trial: `
printf 'A shell in a copy of the merge candidate. Your changes here are discarded. Files that git ignores, such as dependencies, are missing. exit returns to the room.\\n'
exec "\${SHELL:-/bin/sh}"`,
	shell: `
printf 'A shell in %s; exit returns to the room.\\n' "$PWD"
[ -z "\${GIT_DIR-}" ] || printf 'Here git works only on this worktree and ignores configuration made by its agent. The agent gets your commits.\\n'
exec "\${SHELL:-/bin/sh}"`,
};

/**
 * How a tool of the user is run, with the environment of the terminal end: the editor ($VISUAL, then $EDITOR, then what is found) on a file
 * or in a folder, a pager, a shell ($SHELL) in a folder. With `git` every git that it starts works by that folder and by no other. Exit
 * code 127 if there is none.
 */
export const toolCommand = ({
	tool,
	file,
	git,
}: {
	readonly tool: Tool;
	readonly file: string;
	readonly git?: OwnGit;
}): {readonly command: readonly string[]; readonly cwd: string} => {
	const isShell = tool === 'shell' || tool === 'trial';
	const isInside = tool === 'folder' || isShell;
	const args = tool === 'pager' ? ['--', file] : tool === 'folder' ? ['.'] : isShell ? [] : [file];
	const own = git ? ['/usr/bin/env', `GIT_DIR=${git.gitDir}`, `GIT_WORK_TREE=${git.folder}`, 'GIT_NO_REPLACE_OBJECTS=1'] : [];
	return {command: [...own, '/bin/sh', '-c', SCRIPTS[tool], tool, ...args], cwd: isInside ? file : dirname(file)};
};
