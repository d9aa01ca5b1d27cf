import {dirname} from 'node:path';
import type {Tool} from './control.ts';

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
printf 'A shell in a copy of the merge that is tested, to try things in. Nothing of it goes anywhere: the train goes on with its own. What is ignored by git, such as dependencies, is not in it. exit brings you back to the room.\\n'
exec "\${SHELL:-/bin/sh}"`,
	shell: `
printf 'A shell in %s; exit brings you back to the room.\\n' "$PWD"
exec "\${SHELL:-/bin/sh}"`,
};

/**
 * How a tool of the person is run, with the environment of the terminal end: the editor ($VISUAL, then $EDITOR, then what is found) on a file
 * or in a folder, a pager, a shell ($SHELL) in a folder. Exit code 127 where there is none.
 */
export const toolCommand = ({
	tool,
	file,
}: {
	readonly tool: Tool;
	readonly file: string;
}): {readonly command: readonly string[]; readonly cwd: string} => {
	const isShell = tool === 'shell' || tool === 'trial';
	const isInside = tool === 'folder' || isShell;
	const args = tool === 'pager' ? ['--', file] : tool === 'folder' ? ['.'] : isShell ? [] : [file];
	return {command: ['/bin/sh', '-c', SCRIPTS[tool], tool, ...args], cwd: isInside ? file : dirname(file)};
};
