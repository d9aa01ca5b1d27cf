--- cancel: an unfinished task ends without a result.
--- Guarantees: the token of its holder is superseded in the same step. What comes after it stays blocked until a person acts.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 reason
---
--- Replies: 'ok' | 'gone'

--- include: lib/base
local op = ARGV[2]
local task = ARGV[3]
local reason = ARGV[4]
--- include: lib/once
--- include: lib/agent
--- include: lib/lock
--- include: lib/task

local before = readTask(task)
if not before or FINISHED[before.state] then
	return {'gone'}
end
local event = {}
local fields = {'reason', reason}
leave(before, event)
unowned(fields)
finish(before, 'cancelled', 'tasks:done', fields)
emit('task_cancelled', task, before.owner, reason, writeTask(task, fields, event), 'task:' .. task .. ':cancelled')
return remember('ok')
