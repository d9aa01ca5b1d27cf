import {dirname} from 'node:path';

/** The words of the variable are a shell's, as git takes them; a file is always one argument. */
const SCRIPTS = {
	editor: `
if [ -n "\${VISUAL:-\${EDITOR:-}}" ]; then eval "exec \${VISUAL:-$EDITOR} \\"\\$@\\""; fi
for editor in vi vim nano emacs; do command -v "$editor" >/dev/null 2>&1 && exec "$editor" "$@"; done
exit 127`,
	// Starts no editor or shell of its own, and opens at the end, where a failure says why.
	pager: `
export LESSSECURE=1
command -v less >/dev/null 2>&1 && exec less +G "$@"
command -v more >/dev/null 2>&1 && exec more "$@"
exit 127`,
} as const;

/**
 * How the person's editor ($VISUAL, then $EDITOR, then what is found) or a pager opens a file, with the environment of the terminal end.
 * Exit code 127 where there is none.
 */
export const toolCommand = ({
	tool,
	file,
}: {
	readonly tool: keyof typeof SCRIPTS;
	readonly file: string;
}): {readonly command: readonly string[]; readonly cwd: string} => ({
	command: ['/bin/sh', '-c', SCRIPTS[tool], tool, ...(tool === 'pager' ? ['--', file] : [file])],
	cwd: dirname(file),
});
