--- hold: says why an unfinished task waits although nothing is wrong with it.
--- Guarantees: needs no token and supersedes none; the next change of stage clears it. What waits for a decision says that, and nothing else.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 hold      '' clears
---
--- Replies: 'ok' | 'gone'
---
--- uses: once, tasks

local op = ARGV[2]
local task = ARGV[3]
local hold = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] or before.asks ~= '' then
	return {'gone'}
end
if before.hold ~= hold then
	emit('task_held', task, before.owner, hold, tasks.write(before, {'hold', hold}, {}), 'task:' .. task .. ':' .. before.state)
end
return once.remember('ok')
