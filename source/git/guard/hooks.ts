/**
 * Hooks for every agent's git, in plain sh without child processes. They only know the attempt's environment: `AGENT_ROOM_GIT` is its
 * repository, `AGENT_ROOM_BASE` the base, `AGENT_ROOM_BRANCH` the one branch that may move, '' for none, and `AGENT_ROOM_PERSON_GIT` the
 * user's repository. They prevent accidents: the base is not in the attempt's repository, and what merges is decided elsewhere.
 */

/** Start of each hook: `is_ours` tests for the attempt's repository, `own_hooks` finds the hooks that would run without ours. */
const SHARED = `# Sourced by the hooks in this folder. Written by agent-room, which overwrites changes.
dir=\${GIT_DIR:-.git}
[ -d "$dir" ] || dir=$(git rev-parse --git-dir)
common=$dir
if [ -f "$dir/commondir" ]; then
	read -r common <"$dir/commondir"
	case $common in /*) ;; *) common=$dir/$common ;; esac
fi

is_ours() { [ -n "\${AGENT_ROOM_GIT-}" ] && [ "$common" -ef "$AGENT_ROOM_GIT" ]; }
is_persons() { [ -n "\${AGENT_ROOM_PERSON_GIT-}" ] && [ "$1" -ef "$AGENT_ROOM_PERSON_GIT" ]; }

# The repository's own hooks still run: those that somebody has installed here, else those of the person, which were looked up when the attempt began.
own_hooks() {
	own=$common/hooks
	if ! is_ours || [ "$common/config" -nt "\${AGENT_ROOM_BRIEF_FILE-}" ]; then
		set_path=$(GIT_CONFIG_COUNT=0 git config --type=path --get core.hooksPath) && own=$set_path
	fi
	if is_ours && [ "$own" = "$common/hooks" ] && ! [ -x "$own/$name" ]; then own=\${AGENT_ROOM_HOOKS-}; fi
	[ "$own" -ef "\${0%/*}" ] && own=
	[ -n "$own" ] && [ -f "$own/$name" ] && [ -x "$own/$name" ]
}

# Packing refs rewrites each with the commit it has, and then removes the file of its own: nothing moves.
is_packing() {
	case $2 in
	*[!0]*) read -r now <"$common/$3" && [ "$now" = "$2" ] ;;
	*) case $1 in *[!0]*) grep -qxF "$1 $3" "$common/packed-refs" ;; *) false ;; esac ;;
	esac
} 2>/dev/null

refuse() {
	printf 'agent-room: %s\\n' "$1" >&2
	exit 1
}

# Ends with a sentence unless the agent may move a ref of its repository from a commit to another.
may_move() {
	no=
	case $3 in
	"refs/heads/\${AGENT_ROOM_BASE-}") no="only agent-room moves \\\`$AGENT_ROOM_BASE\\\`. Commit on your own branch; it is reviewed, tested and merged." ;;
	"refs/heads/\${AGENT_ROOM_BRANCH:-?}")
		case $2 in *[!0]*) ;; *) no="\\\`$AGENT_ROOM_BRANCH\\\` is the branch of your task and cannot be deleted or renamed." ;; esac
		;;
	refs/heads/*) [ -n "\${AGENT_ROOM_BRANCH-}" ] || no="your role cannot move a branch (\\\`\${3#refs/heads/}\\\`). Say what to change; the author does it." ;;
	esac
	[ -z "$no" ] || is_packing "$1" "$2" "$3" || refuse "$no"
	return 0
}

# The same in the repository of the person, in which no agent moves anything.
may_not_move() {
	case $3 in
	"refs/heads/\${AGENT_ROOM_BASE-}") no="only agent-room moves \\\`$AGENT_ROOM_BASE\\\`. Commit on your own branch; it is reviewed, tested and merged." ;;
	*) no="you cannot move \\\`$3\\\` in the user's repository. Work in your own worktree; agent-room takes your commits from there." ;;
	esac
	is_packing "$1" "$2" "$3" || refuse "$no"
}
`;

const head = (what: string): string => `#!/bin/sh
# ${what} Written by agent-room.
name=\${0##*/}
. "\${0%/*}/agent-room-shared"
`;

const TRANSACTION = `${head('Refuses to move refs that the agent may not move.')}
own_hooks && has_own=1 || has_own=
judge=
is_ours && judge=may_move
is_persons "$common" && judge=may_not_move
if [ "$1" != prepared ] || [ -z "$judge" ]; then
	[ -n "$has_own" ] && exec "$own/$name" "$@"
	exit 0
fi
lines=
while read -r old new ref; do
	lines="$lines$old $new $ref
"
	$judge "$old" "$new" "$ref"
done
[ -n "$has_own" ] || exit 0
printf '%s' "$lines" | "$own/$name" "$@"
`;

/**
 * A push's receiving end runs without our hooks, so this judges it at the start; into the attempt's or the user's repository like any ref
 * move. Elsewhere an agent only pushes its own branch from its repository: a remote's base must be tested first.
 */
const PUSH = `${head('Checks a push from or to the repository of an attempt, to the user’s, or to one of its remotes.')}
own_hooks && has_own=1 || has_own=
path=\${2#file://}
target=
[ -d "$path" ] && target=$(unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX; cd "$path" && git rev-parse --path-format=absolute --git-common-dir 2>/dev/null)
judge=
if [ -n "$target" ] && is_persons "$target"; then
	judge=may_not_move common=$target
elif [ -n "$target" ] && [ "$target" -ef "\${AGENT_ROOM_GIT:-?}" ]; then
	judge=may_move common=$target
elif is_ours; then
	judge=may_push
elif [ -n "\${AGENT_ROOM_GIT-}" ]; then
	judge=$(git --git-dir="$AGENT_ROOM_GIT" config --get-regexp '^remote\\..*url$' 2>/dev/null | while read -r _ url; do [ "$url" = "$2" ] && echo may_push && break; done)
fi
may_push() {
	case $3 in
	"refs/heads/\${AGENT_ROOM_BRANCH:-?}") return 0 ;;
	"refs/heads/\${AGENT_ROOM_BASE-}") no="\\\`$AGENT_ROOM_BASE\\\` can be pushed only by the user." ;;
	*) no="you cannot push \\\`\${3#refs/heads/}\\\`." ;;
	esac
	if [ -n "\${AGENT_ROOM_BRANCH-}" ]; then refuse "$no You can push only \\\`$AGENT_ROOM_BRANCH\\\`."; else refuse "$no Your role cannot push."; fi
}
lines=
while read -r local_ref local_id remote_ref remote_id; do
	lines="$lines$local_ref $local_id $remote_ref $remote_id
"
	[ -n "$judge" ] && $judge "$remote_id" "$local_id" "$remote_ref"
done
[ -n "$has_own" ] || exit 0
printf '%s' "$lines" | "$own/$name" "$@"
`;

const CHAIN = `${head('Runs the repository’s own hook of this name.')}
own_hooks || exit 0
exec "$own/$name" "$@"
`;

/** Client-side hooks of the user's git. Server-side ones are missing: git starts them without the agent's environment. */
const CHAINED = [
	'applypatch-msg',
	'pre-applypatch',
	'post-applypatch',
	'pre-commit',
	'pre-merge-commit',
	'prepare-commit-msg',
	'commit-msg',
	'post-commit',
	'pre-rebase',
	'post-checkout',
	'post-merge',
	'post-rewrite',
	'pre-auto-gc',
	'sendemail-validate',
] as const;

/** Runs after every index write: only if the repository has one. */
export const AFTER_INDEX = 'post-index-change';

export const GUARD_FILES: ReadonlyMap<string, string> = new Map([
	['agent-room-shared', SHARED],
	['reference-transaction', TRANSACTION],
	['pre-push', PUSH],
	...CHAINED.map(name => [name, CHAIN] as const),
]);

export const CHAIN_AFTER_INDEX = CHAIN;
