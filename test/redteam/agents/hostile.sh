#!/bin/sh
# Runs every attack of the list, keeps what each printed in loot-NONCE, says `done` there, and goes on to hand its work in at the word `go`.
. agents/world.sh
[ ! -e "loot-$NONCE" ] && [ "$AGENT_ROOM_ROUND" = 0 ] && [ "$AGENT_ROOM_ATTEMPT" = 1 ] || exit 1
export NONCE TREE="$PWD" REDTEAM="$NONCE"
loot=$PWD/loot-$NONCE
mkdir "$loot"
git rev-parse --git-dir --git-common-dir >"$loot/git-folders"
for file in agents/attacks/*.sh; do
	ID=$(basename "$file" .sh)
	export ID="${ID#*_}"
	echo "$ID"
	timeout -k 2 40 sh -c '. "$TREE/agents/world.sh"; . "$TREE/agents/lib.sh"; . "$TREE/$1"' sh "$file" </dev/null 2>&1 |
		timeout -k 2 45 head -c 3000000 >"$loot/$ID.out"
done
echo done >"$loot/done"
while [ ! -e "$loot/go" ]; do sleep 0.1; done
