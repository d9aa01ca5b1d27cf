--- retry: makes a failed task ready.
--- Guarantees: no failures counted; a first stage starts with a clean worktree; the task keeps its place in the order. One that failed because
--- nobody decided needs that decision again, and nothing else of it changes.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---
--- Replies: 'ok' | 'gone' (it has not failed)
---
--- uses: features, handing, once, queues, tasks

local op = ARGV[2]
local task = ARGV[3]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or before.state ~= 'failed' then
	return {'gone'}
end
--- The exact creation time: pages of a snapshot need unique scores.
local createdAt = tonumber(before.madeAt) or tonumber(before.score) + (tonumber(before.priority) or 0) * 60000
redis.call('ZREM', key('tasks:failed'), task)
redis.call('ZADD', key('tasks:live'), createdAt, task)
local fields = {'failures', '0', 'doneAt', '0'}
local event = {}
features.countAgain(before, 'failed', event)
if before.refused ~= '' then
	redis.call('ZADD', key('tasks:asking'), now, task)
	put(fields, 'state', 'blocked')
	put(fields, 'waits', '0')
	put(fields, 'decision', before.refused)
	put(fields, 'refused', '')
	put(fields, 'reason', '')
	emit('task_needs_decision', task, '', before.waitReason, tasks.write(before, fields, event), 'task:' .. task .. ':needs-decision')
	return once.remember('ok')
end
if tasks.HOMES[before.stage] then
	put(fields, 'fresh', '1')
end
queues.settle(before, 0, fields)
emit('task_retried', task, '', '', tasks.write(before, fields, event), 'task:' .. task .. ':ready')
handing.give(before)
return once.remember('ok')
