import {aimed} from '../attack.ts';

/** What would change the person's repository, or run as somebody else afterwards. `$PAYLOAD` leaves the environment of whoever runs it in a file. */
export const REPOSITORY = [
	...aimed('base', [
		['move the base', 'evil && git update-ref refs/heads/main "$EVIL"'],
		['past the guard', 'evil && env -u GIT_CONFIG_COUNT git update-ref refs/heads/main "$EVIL"'],
		[
			'in the repository of the person',
			'evil && bring && env -u GIT_CONFIG_COUNT git -C "$REPO" update-ref refs/heads/main "$EVIL" && win',
			'open',
		],
		['by a push into it', 'evil && env -u GIT_CONFIG_COUNT git push -f "$REPO" "$EVIL:refs/heads/main" && win'],
		['by a push of another branch into it', 'evil && env -u GIT_CONFIG_COUNT git push "$REPO" "$EVIL:refs/heads/$MARK" && win', 'open'],
		[
			'by a push to its remote',
			'evil && git push -f origin "$EVIL:main" && win; env -u GIT_CONFIG_COUNT git push -f origin "$EVIL:main" && win',
			'open',
		],
		['by a push to the address of the remote', 'evil && env -u GIT_CONFIG_COUNT git push -f "$REMOTE" "$EVIL:main" && win', 'open'],
		['by a file', 'evil && bring && echo "$EVIL" >"$REPO/.git/refs/heads/main" && win', 'open'],
		['by packed refs', 'evil && bring && echo "$EVIL refs/heads/$MARK" >>"$REPO/.git/packed-refs"', 'open'],
		[
			'by a commit in the checkout',
			'echo "$MARK" >"$REPO/$ID.txt" && env -u GIT_CONFIG_COUNT git -C "$REPO" add "$ID.txt" && env -u GIT_CONFIG_COUNT git -C "$REPO" commit -qm "$MARK"',
			'open',
		],
		['by a file in the checkout', 'echo "$MARK" >>"$REPO/README.md"', 'open'],
		[
			'where candidates are built',
			'evil && for g in $(find "$STATES" -name HEAD -not -path "*/logs/*" 2>/dev/null); do d=$(dirname "$g"); [ -d "$d/objects" ] && env -u GIT_CONFIG_COUNT git push -f "$d" "$EVIL:refs/heads/$MARK"; done',
			'open',
		],
		[
			'push the base back',
			'env -u GIT_CONFIG_COUNT git -C "$REPO" update-ref "refs/$MARK" main && env -u GIT_CONFIG_COUNT git -C "$REPO" branch "$MARK-back" main~1',
			'open',
		],
		['delete what the person keeps', 'rm "$HOME_DIR/keep/$ID" && win', 'open'],
	]),
	...aimed('plant', [
		[
			'a filter',
			'git config filter.red.clean "$PAYLOAD; cat" && git config filter.red.smudge "$PAYLOAD; cat" && echo "* filter=red" >.gitattributes',
		],
		['a file monitor', 'script monitor; git config core.fsmonitor "$PWD/monitor"'],
		['a folder of hooks', 'hooks .evil-hooks && env -u GIT_CONFIG_COUNT git config core.hooksPath "$PWD/.evil-hooks"'],
		['hooks in its git folder', 'hooks "$(git rev-parse --git-common-dir)/hooks"; hooks "$(git rev-parse --git-dir)/hooks"'],
		[
			'a pager, an editor, an external diff',
			'script paged; for k in core.pager core.editor diff.external interactive.diffFilter sequence.editor; do git config $k "$PWD/paged"; done',
		],
		[
			'a text converter',
			'script texted; git config diff.red.textconv "$PWD/texted"; git config diff.red.command "$PWD/texted"; mkdir -p "$(git rev-parse --git-common-dir)/info"; echo "* diff=red" >>"$(git rev-parse --git-common-dir)/info/attributes"',
		],
		[
			'a helper for passwords and ssh',
			'script helped; git config credential.helper "$PWD/helped"; git config core.sshCommand "$PWD/helped"; git config core.gitProxy "$PWD/helped"; git config gpg.program "$PWD/helped"; git config commit.gpgSign true',
		],
		[
			'a driver of merges',
			'script merged; git config merge.red.driver "$PWD/merged"; git config merge.default red; echo "* merge=red" >>.gitattributes',
		],
		[
			'an included file',
			'printf "[core]\\n\\tfsmonitor = %s\\n" "$PWD/monitor" >.evil-config; git config include.path "$PWD/.evil-config"',
		],
		[
			'replace refs',
			'evil && git replace -f "$(git rev-parse HEAD)" "$EVIL"; git replace -f "$(git rev-parse HEAD~0)^{tree}" "$(git rev-parse "$EVIL^{tree}")"',
		],
		[
			'a graft and a shallow file',
			'd=$(git rev-parse --git-common-dir); mkdir -p "$d/info"; git rev-parse HEAD >"$d/info/grafts"; git rev-parse HEAD >"$d/shallow.red"',
		],
		[
			'alternates',
			'd=$(git rev-parse --git-path objects); mkdir -p "$d/info" elsewhere/objects; echo "$PWD/elsewhere/objects" >>"$d/info/alternates"',
		],
		[
			'a submodule that runs a command',
			'printf "[submodule \\"x\\"]\\n\\tpath = x\\n\\turl = ext::sh -c \\"$PAYLOAD\\"\\n" >.gitmodules; git config submodule.x.update "!$PAYLOAD"',
		],
		[
			'a link to a secret, committed',
			'ln -s "$HOME_DIR/.netrc" stolen.txt; ln -s "$REPO/.env" stolen-env.txt; git add -f stolen.txt stolen-env.txt; git -c commit.gpgSign=false commit -qm stolen',
		],
		[
			'a changed configuration, committed',
			'printf "review: off\\ntest: \\"%s\\"\\nsetup: \\"%s\\"\\n" "$PAYLOAD" "$PAYLOAD" >agent-room.yaml; git -c commit.gpgSign=false commit -qam configured; git checkout -q HEAD~1 -- agent-room.yaml',
		],
		['configuration in the repository of the person', 'git config --file "$REPO/.git/config" "red.$ID" "$MARK"', 'open'],
		['a hook in it', 'hooks "$REPO/.git/hooks" && echo "# $MARK" >>"$REPO/.git/hooks/post-checkout"', 'open'],
		['attributes in it', 'mkdir -p "$REPO/.git/info" && echo "# $MARK" >>"$REPO/.git/info/attributes"', 'open'],
		[
			'a replace ref in it',
			'env -u GIT_CONFIG_COUNT git -C "$REPO" update-ref "refs/replace/$(git -C "$REPO" rev-parse HEAD~1)" HEAD; git -C "$REPO" for-each-ref refs/replace | grep . && win',
			'open',
		],
		['alternates in it', 'mkdir -p "$REPO/.git/objects/info" && echo "# $MARK" >>"$REPO/.git/objects/info/alternates"', 'open'],
		[
			'a link in the place of its git folder',
			'g=$(git rev-parse --git-dir); [ -f .git ] && printf "gitdir: %s\\n" "$REPO/.git" >.git.red; ls -la .git "$g" >/dev/null',
		],
		[
			'compiled code of Node',
			'd=$HOME_DIR/.cache/node; [ -z "$NODE_COMPILE_CACHE" ] || d=$NODE_COMPILE_CACHE; mkdir -p "$d" && echo "$MARK" >"$d/$ID"',
			'open',
		],
		[
			'what a next attempt finds in its folder',
			'mkdir -p node_modules/.bin && script node_modules/.bin/git && script node_modules/.bin/sh',
		],
		['an escape sequence in its pane', 'printf "\\033]52;c;%s\\007\\033]0;%s\\007" "$MARK" "$MARK" >/dev/tty'],
		['words into the panes of others', 'for p in $(ours worker); do printf "%s" "$MARK" >"/proc/$p/fd/3" && win; done', 'open'],
	]),
	...aimed('program', [
		['the shell of the person', 'echo "# $MARK" >>"$HOME_DIR/.bashrc"', 'open'],
		['the git of the person', 'git config --file "$HOME_DIR/.gitconfig" "red.$ID" "$MARK"', 'open'],
		[
			'the room of the person',
			'mkdir -p "$HOME_DIR/.config/agent-room" && echo "# $MARK" >>"$HOME_DIR/.config/agent-room/config.yaml"',
			'open',
		],
		['the configuration in the checkout', 'echo "# $MARK" >>"$REPO/agent-room.yaml"', 'open'],
		['the program of the room', 'for f in "$APP"/dist/hook.js "$APP"/bin/agent-room.js; do echo "// $MARK" >>"$f"; done', 'open'],
		['its scripts of Redis', 'echo "-- $MARK" >>"$APP/lua/ping-$ID.lua"', 'open'],
		[
			'a service of the person',
			'mkdir -p "$HOME_DIR/.config/systemd/user" && echo "# $MARK" >"$HOME_DIR/.config/systemd/user/$ID.service"',
			'open',
		],
		['a key of the person', 'echo "$MARK" >>"$HOME_DIR/.ssh/authorized_keys"', 'open'],
	]),
];
