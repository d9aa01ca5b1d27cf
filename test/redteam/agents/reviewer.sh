#!/bin/sh
# An honest reviewer, who trusts nothing of the hostile one.
git diff "$AGENT_ROOM_BASE...HEAD" >/dev/null
if [ "$AGENT_ROOM_TASK" = hostile ]; then
	agent-room report done --verdict changes --comments - <<END
None of this.
END
else
	agent-room report done --verdict approve
fi
