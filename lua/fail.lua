--- fail: the attempt failed; the task is ready after a delay, or failed when attempts are used up.
--- Guarantees: only the current token; a failure counts once.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 token
---   5 reason
---   6 feedback
---   7 delayMs
---   8 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone' | 'failed'
---
--- flags: allow-oom
--- uses: once, retry, tasks

local op = ARGV[2]
local task = ARGV[3]
local token = ARGV[4]
local reason = ARGV[5]
local feedback = ARGV[6]
local delayMs = tonumber(ARGV[7])
local fields = fieldsFrom(8)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)
if refused then
	return {refused}
end
put(fields, 'reason', reason)
put(fields, 'feedback', feedback)
return once.remember(retry.endLease(before, true, delayMs, reason, fields, 'attempt_failed'))
