--- unmerge: the base lost a merge: its task is no longer merged and waits for a human: merge it again, or drop it.
--- Guarantees: only for the given merge commit; a task that merged again since, or ended otherwise, is unchanged. It counts as open, in its
--- feature too. Dependents that its merge unblocked continue.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 mergedCommit    its merge commit
---   5 why       what happened, in words
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: dependents, features, once, tasks

local op = ARGV[2]
local task = ARGV[3]
local mergedCommit = ARGV[4]
local why = ARGV[5]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before then
	return {'gone'}
end
if before.state ~= 'merged' or mergedCommit == '' or before.mergedCommit ~= mergedCommit then
	return {'stale'}
end
--- The exact creation time: pages of a snapshot need unique scores.
local createdAt = tonumber(before.madeAt) or tonumber(before.score) + (tonumber(before.priority) or 0) * 60000
redis.call('ZREM', key('tasks:done'), task)
redis.call('ZADD', key('tasks:live'), createdAt, task)
redis.call('ZADD', key('tasks:asking'), now, task)
local fields = {'state', 'blocked', 'waits', '0', 'decision', 'unmerged', 'waitReason', why, 'mergedCommit', '', 'unmergedCommit', mergedCommit, 'doneAt', '0'}
for _, name in ipairs({'candidate', 'candidateBase', 'failedCandidate', 'reason', 'progress'}) do
	put(fields, name, '')
end
--- Dependents that were not unblocked yet wait again.
redis.call('SREM', key('tasks:freeing'), task, dependents.asFeature(before.feature))
local event = {}
features.countAgain(before, 'merged', event)
emit('task_unmerged', task, '', why, tasks.write(before, fields, event), 'task:' .. task .. ':unmerged')
return once.remember('ok')
