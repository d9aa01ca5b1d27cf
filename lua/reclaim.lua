--- reclaim: makes a lease without a living holder ready again.
--- Guarantees: only the judged lease (its token is compared), only past its deadline or with its holder proven dead; a fault of the room
--- costs no attempt.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 token
---   5 reason
---   6 isProven  1: ignore the deadline
---   7 counts    1: a failure
---   8 delayMs
---   9 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone' | 'failed' | 'early'
---
--- flags: allow-oom
--- uses: once, retry, tasks

local op = ARGV[2]
local task = ARGV[3]
local token = ARGV[4]
local reason = ARGV[5]
local isProven = ARGV[6]
local counts = ARGV[7]
local delayMs = tonumber(ARGV[8])
local fields = fieldsFrom(9)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)
if refused then
	return {refused}
end
if isProven ~= '1' and (tonumber(redis.call('ZSCORE', key('leases'), task) or '0') or 0) > now then
	return {'early'}
end
put(fields, 'reason', reason)
return once.remember(retry.endLease(before, counts == '1', delayMs, reason, fields, 'task_reclaimed'))
