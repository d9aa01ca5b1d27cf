--- remerge: the base has an unmerged task's work again, perhaps as another commit: the task is merged, as that one. So does a human say of a
--- commit that may be its merge.
--- Guarantees: only a task that waits because of that, or is merged as `was`; one that is in the pipeline again merges by itself. Unblocks
--- its dependents.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 was       its earlier merge commit
---   5 mergedCommit    the commit on the base
---   6 text
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: dependents, features, leave, once, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local was = ARGV[4]
local mergedCommit = ARGV[5]
local text = ARGV[6]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before then
	return {'gone'}
end
if before.state == 'merged' and before.mergedCommit == was and was ~= '' then
	emit('task_remerged', task, '', text, tasks.write(before, {'mergedCommit', mergedCommit}, {}), 'task:' .. task .. ':merged')
	return once.remember('ok')
end
local isAsking = before.decision == 'unmerged' or before.decision == 'named'
if before.state ~= 'blocked' or not isAsking or before.unmergedCommit ~= was then
	return {'stale'}
end
local event = {}
leave.task(before, event)
local fields = {'mergedCommit', mergedCommit, 'decision', '', 'waitReason', ''}
stages.finish(before, 'merged', 'tasks:done', fields)
features.countEnd(before, 'merged', event)
emit('task_remerged', task, '', text, tasks.write(before, fields, event), 'task:' .. task .. ':merged')
dependents.free(task, 100)
features.tellEnd(before)
return once.remember('ok')
