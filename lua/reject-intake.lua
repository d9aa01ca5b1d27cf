--- reject-intake: moves an intake entry that makes no task aside.
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
---
--- uses: intake, once

local op = ARGV[2]
local mark = ARGV[3]
local reason = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local entry = redis.call('HGET', key('tasks:intake'), mark)
if not entry or redis.call('HEXISTS', key('tasks:intake:task'), mark) == 1 then
	return {'gone'}
end
intake.refuse(mark, entry, reason)
return once.remember('ok')
