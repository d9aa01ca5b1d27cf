--- set-wait-reason: says why an unfinished task waits although nothing is wrong with it.
--- Guarantees: needs no token and supersedes none; the next change of stage clears it. A task that needs a decision keeps that as its
--- reason.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 waitReason      '' clears
---
--- Replies: 'ok' | 'gone'
---
--- uses: once, tasks

local op = ARGV[2]
local task = ARGV[3]
local waitReason = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] or before.decision ~= '' then
	return {'gone'}
end
if before.waitReason ~= waitReason then
	emit('task_wait_reason', task, before.owner, waitReason, tasks.write(before, {'waitReason', waitReason}, {}), 'task:' .. task .. ':' .. before.state)
end
return once.remember('ok')
