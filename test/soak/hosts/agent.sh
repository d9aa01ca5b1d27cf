#!/bin/sh
# An agent of the soak of several hosts. Half of its work lies in its worktree while it works, as long as its task says, and then all of it.
set -eu
if [ "$AGENT_ROOM_STAGE" = review ]; then
	agent-room report done --verdict approve
	exit 0
fi
echo "half of $AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"
sleep "${AGENT_ROOM_TASK##*-}"
echo "done $AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"
