--- leave-team: a room ends in order.
--- Guarantees: from here on nobody has to agree with it, nobody waits for its heartbeat, and another may lead at once.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 room
---
--- Replies: 'ok'
---
--- flags: allow-oom
--- uses: leader, once, rooms

local op = ARGV[2]
local room = ARGV[3]

local answered = once.answered(op)
if answered then
	return answered
end

rooms.ends(room, 'stopped', 'has left the team')
if leader.current().room == room then
	leader.leave(rooms.homeOf(room))
end
redis.call('DEL', key('heartbeat:room:' .. room), key('rooms:agents:' .. room))
redis.call('ZREM', key('rooms:index'), room)
return once.remember('ok')
