--- retest: rebuilds and retests a candidate that cannot merge, or whose failure does not count.
--- Guarantees: only while it waits to merge, or has an undecided failure, with exactly that candidate: one that is merging, in test or
--- rebuilt is unchanged. Costs nothing and keeps its place.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 candidate
---   5 role      whose queue the test stage is
---   6 reason
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: leave, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local candidate = ARGV[4]
local role = ARGV[5]
local reason = ARGV[6]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] then
	return {'gone'}
end
if (before.stage ~= 'merge' and before.stage ~= 'test') or before.state ~= 'ready' or before.candidate ~= candidate or candidate == '' then
	return {'stale'}
end
leave.task(before, {})
local fields = {'candidate', '', 'candidateBase', '', 'failedCandidate', '', 'waitReason', '', 'reason', reason}
stages.enter(before, 'test', role, fields)
queues.settle(before, 0, fields)
emit('task_retested', task, '', reason, tasks.write(before, fields, {}), 'task:' .. task .. ':ready')
return once.remember('ok')
