--- request-changes: a human returns submitted work to its first stage.
--- Guarantees: only tasks in review, audit, test or waiting to merge; those that are merging, need a decision, or are in their first stage
--- are unchanged. A lease ends in the same step and its token is superseded, so that no verdict on the old state counts. Costs no attempt,
--- drops the candidate and every approval, and continues in the same worktree and session.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 role      of the first stage's queue
---   5 reason
---   6 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'gone' | 'merging' | 'needs-decision' | 'stale' (it is not submitted)
---
--- uses: freed-paths, handing, leave, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local role = ARGV[4]
local reason = ARGV[5]
local fields = fieldsFrom(6)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] then
	return {'gone'}
end
if before.decision ~= '' then
	return {'needs-decision'}
end
if stages.isMerging(before) then
	return {'merging'}
end
local HANDED_IN = {review = true, audit = true, test = true, merge = true}
if not HANDED_IN[before.stage] or before.state == 'blocked' then
	return {'stale'}
end
local event = {}
local owner = before.owner
leave.task(before, event)
leave.unowned(fields)
for _, name in ipairs({'candidate', 'candidateBase', 'failedCandidate', 'reviewer', 'reviewedCommit', 'auditedCommit', 'waitReason', 'progress', 'fresh'}) do
	put(fields, name, '')
end
put(fields, 'reason', reason)
--- Without a first stage it started as development.
stages.enter(before, before.firstStage ~= '' and before.firstStage or 'develop', role, fields)
queues.settle(before, 0, fields)
emit('task_changes_requested', task, owner, reason, tasks.write(before, fields, event), 'task:' .. task .. ':ready')
handing.give(before)
freedPaths.serve()
return once.remember('ok')
