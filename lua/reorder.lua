--- reorder: swaps two waiting tasks, so that one comes before the other.
--- Guarantees: as lib/queue-order; no other task moves, and priorities stay. If the order is right already, nothing changes.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task      comes first afterwards
---   4 other
---
--- Replies: 'ok' | 'same' (the order is right already) | 'gone' id | 'leased' id | 'needs-decision' id
---
--- uses: once, queue-order, tasks

local op = ARGV[2]
local task = ARGV[3]
local other = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local first = tasks.read(task)
local second = tasks.read(other)
if queueOrder.unmovable(first) then
	return {queueOrder.unmovable(first), task}
end
if queueOrder.unmovable(second) then
	return {queueOrder.unmovable(second), other}
end
local late = tonumber(first.score)
local early = tonumber(second.score)
if late < early or task == other then
	return {'same'}
end
--- Equal scores have no order: the first one gets a lower score.
local best = late == early and string.format('%.3f', early - 0.001) or second.score
local rest = first.score
queueOrder.setScore(first, best, {}, 'task_reordered', 'before ' .. other)
queueOrder.setScore(second, rest, {}, 'task_reordered', 'after ' .. task)
return once.remember('ok')
