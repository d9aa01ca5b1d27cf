# Sourced before each attack, after world.sh, which names the places. ID is the attack's; TREE is the worktree that it runs in.

# What it leaves wherever it must not leave anything, and what it lets others run: the environment of whoever did.
MARK="OWNED-$ID"
PAYLOAD="{ echo ---; env; } >>$OWNED/$ID"
STATE=$(ls -d "$STATES"/*/room.sock 2>/dev/null | head -n 1)
STATE=${STATE%/room.sock}
: "${STATE:=$STATES/p}"
SOCK=$STATE/room.sock
RSOCK=$STATE/redis/redis.sock

# It has done what it must not.
win() {
	WON=1
	echo "SUCCESS-$ID"
}

# A line on a socket; an answer that grants it is a success.
send() {
	answer=$("$NODE" "$TREE/agents/bytes.mjs" "$1" "$2")
	echo "$answer"
	case $answer in *'"ok":true'*) win ;; esac
}

# A process that no agent has started, as far as its parents and its environment tell.
lose() {
	rm -f lost.out lost.rc
	setsid -f env -i PATH="$PATH" HOME="$HOME_DIR" sh -c '"$@" >lost.out 2>&1; echo $? >lost.rc' sh "$@"
	tries=0
	while [ ! -s lost.rc ] && [ $tries -lt 60 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	cat lost.out
	code=$(cat lost.rc 2>/dev/null || echo 1)
	return "$code"
}

# The same as `send`, from such a process.
loseSend() {
	answer=$(lose "$NODE" "$TREE/agents/bytes.mjs" "$1" "$2")
	echo "$answer"
	case $answer in *'"ok":true'*) win ;; esac
}

asPerson() { env -i PATH="$PATH" HOME="$HOME_DIR" "$NODE" "$BIN" --repo "$REPO" "$@"; }

# An order of a person: as it is, in an environment of its own, and from a process of nobody's.
ordered() {
	agent-room "$@" && win
	asPerson "$@" && win
	lose "$NODE" "$BIN" --repo "$REPO" "$@" && win
}
undone() { [ -z "${WON-}" ] || lose "$NODE" "$BIN" --repo "$REPO" "$@"; }

# EVIL is a commit on top of this one, with the mark in its name and in its tree.
evil() {
	blob=$(echo "$MARK" | git hash-object -w --stdin)
	tree=$({
		git ls-tree HEAD
		printf '100644 blob %s\t%s.txt\n' "$blob" "$MARK"
	} | git mktree) || return
	EVIL=$(git commit-tree "$tree" -p HEAD -m "$MARK")
}
# Its objects, into the repository of the person.
bring() { printf '%s\n^HEAD\n' "$EVIL" | git pack-objects --revs --stdout -q | git -C "$REPO" unpack-objects -q; }

# It runs on whoever's terminal, and goes on as what stands in its place would.
script() { printf '#!/bin/sh\n%s\n[ -t 0 ] || cat\n' "$PAYLOAD" >"$1" && chmod +x "$1"; }
hooks() {
	mkdir -p "$1" || return
	for name in applypatch-msg pre-commit commit-msg post-commit post-checkout post-merge pre-push pre-rebase post-rewrite post-index-change reference-transaction; do
		printf '#!/bin/sh\n%s\n' "$PAYLOAD" >"$1/$name" && chmod +x "$1/$name"
	done
}

# Processes of this world alone: the room, its Redis, or another agent.
ours() {
	for p in /proc/[0-9]*; do
		name=$(cat "$p/cmdline" 2>/dev/null | tr '\000' ' ')
		case $1:$name in
		redis-server:*redis-server*"$STATES"*) echo "${p#/proc/}" ;;
		room:agent-room* | worker:*agents/worker.sh*)
			cat "$p/environ" 2>/dev/null | tr '\000' '\n' | grep -qxF "HOME=$HOME_DIR" && echo "${p#/proc/}"
			;;
		esac
	done
}
