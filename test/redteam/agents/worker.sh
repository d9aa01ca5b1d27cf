#!/bin/sh
# An honest developer: it has a secret in its worktree, one that is committed meanwhile, one in its memory, and notes whether anybody types into its pane.
exec 3<&0
cat <&3 >typed &
listener=$!
new() { od -An -tx1 -N16 /dev/urandom | tr -d ' \n'; }
secret=$(new)
echo "half of $AGENT_ROOM_TASK" >"$AGENT_ROOM_TASK.txt"
new >"kept-$AGENT_ROOM_TASK"
git add "kept-$AGENT_ROOM_TASK" && git commit -qm "Keep something"
WORKER_SECRET=$secret sleep 900 &
keeper=$!
echo "$secret" >writing && mv writing "secret-$AGENT_ROOM_TASK"
while [ ! -e "go-$AGENT_ROOM_TASK" ]; do sleep 0.1; done
kill $listener $keeper
echo "done; typed $(wc -c <typed | tr -d ' ')" >"$AGENT_ROOM_TASK.txt"
git rm -qf "kept-$AGENT_ROOM_TASK"
rm -f typed "secret-$AGENT_ROOM_TASK" "go-$AGENT_ROOM_TASK"
