--- refuse: an entry of the seed's intake that is no task is moved out of the way.
--- Guarantees: it is never read again and blocks nothing; its beginning is kept among the newest hundred in tasks:refused.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 mark
---   4 reason
---
--- Replies: 'ok' | 'gone'

--- include: lib/base
local op = ARGV[2]
local mark = ARGV[3]
local reason = ARGV[4]
--- include: lib/once
--- include: lib/agent
--- include: lib/overlap
--- include: lib/lock
--- include: lib/task
--- include: lib/leave
--- include: lib/outside
--- include: lib/intake

local entry = redis.call('HGET', key('tasks:intake'), mark)
if not entry or redis.call('HEXISTS', key('tasks:intake:task'), mark) == 1 then
	return {'gone'}
end
refuseEntry(mark, entry, reason)
return remember('ok')
