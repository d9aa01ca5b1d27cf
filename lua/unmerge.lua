--- unmerge: the base holds a landing no longer: its task is merged no more, and waits for a person: merge it again, or drop it.
--- Guarantees: only of the landing that was looked for; a task that landed anew since, or ended otherwise, is left alone. It counts as open again, in its feature
--- too. What came after it and was freed by its landing goes on.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 mergedCommit    the commit as which it had landed
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
--- The exact time of its creation, as at first: pages of a snapshot need scores that differ.
local createdAt = tonumber(before.madeAt) or tonumber(before.score) + (tonumber(before.priority) or 0) * 60000
redis.call('ZREM', key('tasks:done'), task)
redis.call('ZADD', key('tasks:live'), createdAt, task)
redis.call('ZADD', key('tasks:asking'), now, task)
local fields = {'state', 'blocked', 'waits', '0', 'decision', 'unmerged', 'waitReason', why, 'mergedCommit', '', 'unmergedCommit', mergedCommit, 'doneAt', '0'}
for _, name in ipairs({'candidate', 'candidateBase', 'failedCandidate', 'reason', 'progress'}) do
	put(fields, name, '')
end
--- Whoever still waited for it waits again.
redis.call('SREM', key('tasks:freeing'), task, dependents.asFeature(before.feature))
local event = {}
features.countAgain(before, 'merged', event)
emit('task_unmerged', task, '', why, tasks.write(before, fields, event), 'task:' .. task .. ':unmerged')
return once.remember('ok')
