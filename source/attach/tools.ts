import {spawn} from 'node:child_process';
import {dirname} from 'node:path';
import {type Platform, platform} from '../os/platform.ts';
import type {OwnGit, Tool} from './protocol.ts';

const TMUX_MS = 2000;
/** A browser that has not failed after this time, ms, counts as open: some stay in the foreground. */
const BROWSER_MS = 1500;

/** The program that opens an address; undefined without a display. */
const openerOf = (environment: NodeJS.ProcessEnv, {program, needsDisplay}: Platform['opener']): string | undefined => {
	const isSeen = needsDisplay ? environment.DISPLAY || environment.WAYLAND_DISPLAY : !environment.SSH_CONNECTION;
	return isSeen ? program : undefined;
};

/** Whether the command succeeded in time, or, if it may keep running, has not failed by then. */
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
 * Gives a text to the surrounding tmux's buffer, which passes it to the clipboard, or an address to the browser. Resolves with whether it
 * was taken; leaves the tty alone. Addresses are http or https, as one argument.
 */
export const give = async (
	to: 'clipboard' | 'browser',
	text: string,
	environment: NodeJS.ProcessEnv = process.env,
	{opener}: Pick<Platform, 'opener'> = platform,
): Promise<boolean> => {
	if (to === 'clipboard') return environment.TMUX ? took(['tmux', 'load-buffer', '-w', '-'], text, TMUX_MS, false) : false;
	const program = /^https?:\/\/[\x21-\x7e]+$/.test(text) ? openerOf(environment, opener) : undefined;
	return program ? took([program, text], '', BROWSER_MS, true) : false;
};

/** The variable is split by a shell, like in git; the file is always one argument. */
const EDITOR = `
if [ -n "\${VISUAL:-\${EDITOR:-}}" ]; then eval "exec \${VISUAL:-$EDITOR} \\"\\$@\\""; fi
for editor in vi vim nano emacs; do command -v "$editor" >/dev/null 2>&1 && exec "$editor" "$@"; done
exit 127`;

const SCRIPTS: Readonly<Record<Tool, string>> = {
	editor: EDITOR,
	folder: EDITOR,
	// No editor or shell from within; opens at the end, where the failure is.
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
 * Command of a user's tool in the terminal's environment: the editor ($VISUAL, $EDITOR, or one found) on a file or folder, a pager, or a
 * shell ($SHELL). `git` makes every git in it use only that folder. Exit code 127 if there is none.
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
