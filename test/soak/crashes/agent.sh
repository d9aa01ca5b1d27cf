#!/bin/sh
# An agent of the sweep: it writes into one file named after its task, says that it works (its pid in `working-<task>-<attempt>`), waits while
# the folder $STORY holds `wait-<task>`, and hands in by `report done`.
set -eu
echo "begun in attempt $AGENT_ROOM_ATTEMPT" >>"$AGENT_ROOM_TASK.txt"
echo "$$" >"$STORY/working.$AGENT_ROOM_TASK"
mv "$STORY/working.$AGENT_ROOM_TASK" "$STORY/working-$AGENT_ROOM_TASK-$AGENT_ROOM_ATTEMPT"
while [ -e "$STORY/wait-$AGENT_ROOM_TASK" ]; do sleep 0.02; done
echo "done in attempt $AGENT_ROOM_ATTEMPT" >>"$AGENT_ROOM_TASK.txt"
exec agent-room report done
