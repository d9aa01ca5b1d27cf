--- refuse: ends a question that nobody answered: its task has failed, without another attempt.
--- Guarantees: only the question that was asked: under the current token of its lease, or while the task needs exactly this decision. A
--- decision stays with the task as `refused`: `retry` asks it again, and no agent does the same work twice.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 token      '' for a decision
---   5 decision   the decision it must still need; '' under a token
---   6 reason
---   7 feedback   of an attempt
---   8 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- flags: allow-oom
--- uses: once, retry, tasks

local op = ARGV[2]
local task = ARGV[3]
local token = ARGV[4]
local decision = ARGV[5]
local reason = ARGV[6]
local feedback = ARGV[7]
local fields = fieldsFrom(8)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused
if token ~= '' then
	refused = tasks.refusedToken(before, token)
elseif not before or tasks.FINISHED[before.state] then
	refused = 'gone'
elseif before.state ~= 'blocked' or decision == '' or before.decision ~= decision then
	refused = 'stale'
end
if refused then
	return {refused}
end
put(fields, 'reason', reason)
if token == '' then
	put(fields, 'refused', decision)
	put(fields, 'decision', '')
	put(fields, 'waitReason', before.waitReason)
	put(fields, 'fresh', before.fresh)
else
	put(fields, 'feedback', feedback)
end
retry.endLease(before, 'last', 0, reason, fields, 'attempt_failed')
return once.remember('ok')
