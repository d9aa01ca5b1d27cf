--- set-priority: sets the priority of a waiting task, 0 to 100.
--- Guarantees: as lib/queue-order; a point is worth a minute of waiting, as at its creation, wherever it was moved since. Its intake entry
--- is changed too, so that no sweep undoes it.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 priority
---
--- Replies: 'ok' | 'same' | 'gone' | 'leased' | 'needs-decision'
---
--- uses: once, queue-order, tasks

local op = ARGV[2]
local task = ARGV[3]
local priority = tonumber(ARGV[4])

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = queueOrder.unmovable(before)
if refused then
	return {refused}
end
local was = tonumber(before.priority) or 0
if was == priority then
	return {'same'}
end
local mark = before.origin
if string.sub(mark, 1, 1) == 'z' and redis.call('HGET', key('tasks:intake:task'), mark) == task then
	local entry = redis.call('HGET', key('tasks:intake'), mark)
	if entry then
		softly('ZADD', key('tasks:priority'), 'XX', digits(priority), entry)
	end
end
local score = string.format('%.3f', tonumber(before.score) + (was - priority) * 60000)
queueOrder.setScore(before, score, {'priority', digits(priority)}, 'task_priority_set', digits(priority))
return once.remember('ok')
