--- retest: a candidate that cannot land any more, or whose failure is not to count, is built and tested anew.
--- Guarantees: only while it waits, to land or with a failure that is not decided, with exactly that candidate: what is landing, is being tested, or was
--- rebuilt meanwhile, is left alone. It costs nothing, and keeps its place in the order.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 candidate
---   5 role      whose queue the stage test is
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
