--- reclaim: a lease whose holder is gone goes back to ready.
--- Guarantees: only the lease that was judged (its token is compared), only past its deadline or with its holder proven dead; a fault of
--- the room costs no attempt.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 token
---   5 reason
---   6 isProven  1: do not wait for the deadline
---   7 counts    1: a failure
---   8 delayMs
---   9 fields... name and value in turn, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone' | 'failed' | 'early'
---
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
