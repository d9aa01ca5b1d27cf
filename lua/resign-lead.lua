--- resign-lead: a room stops leading its team, so that another may at once.
--- Guarantees: idempotent by nature (no op-id). Nothing changes where another leads by now.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 room
---   3 token   that it leads with
---
--- Replies: 'ok'
---
--- flags: allow-oom
--- uses: leader, rooms

local room = ARGV[2]
local token = ARGV[3]

needsRecord()
if leader.isIt(token) then
	leader.leave(rooms.homeOf(room))
end
return {'ok'}
