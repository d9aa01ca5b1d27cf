--- revert: queues a commit that reverts a merge for its test, as a task.
--- Guarantees: one per merge: while such a task is unfinished or merged, another is refused. It counts as a human's work and needs no
--- review: it is tested and merged like any other, and goes to a developer if that fails.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task      the merged task
---   4 mergedCommit    its merge commit
---   5 id        of the new task
---   6 title
---   7 description     for the agent that continues it if it fails
---   8 role      whose queue the test stage is
---   9 attempts
---   10 commit
---   11 branch
---   12 worktree
---   13 base     that the commit is based on
---
--- Replies: 'ok' | 'exists' id that reverts it already | 'taken' (the id is another's) | 'gone' (it has no such merge commit)
---
--- uses: create, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local mergedCommit = ARGV[4]
local id = ARGV[5]
local title = ARGV[6]
local description = ARGV[7]
local role = ARGV[8]
local attempts = tonumber(ARGV[9])
local commit = ARGV[10]
local branch = ARGV[11]
local worktree = ARGV[12]
local base = ARGV[13]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or before.state ~= 'merged' or before.mergedCommit ~= mergedCommit or mergedCommit == '' then
	return {'gone'}
end
local known = before.revertedBy ~= '' and tasks.read(before.revertedBy)
if known and known.state ~= 'cancelled' and known.state ~= 'failed' then
	return {'exists', before.revertedBy}
end
if tasks.isTaken(id) then
	return {'taken'}
end
local new, fields = create.task({
	id = id, title = title, description = description, stage = 'develop', role = 'developer', needs = '', after = '', feature = '', assigned = '', paths = '',
	origin = '', priority = 95, attempts = attempts, waits = 0,
}, tonumber(exactly()))
stages.enter(new, 'test', role, fields)
for _, name in ipairs({'author', 'reviewer'}) do
	put(fields, name, 'person')
end
put(fields, 'attempt', '1')
put(fields, 'commit', commit)
put(fields, 'reviewedCommit', commit)
put(fields, 'branch', branch)
put(fields, 'worktree', worktree)
put(fields, 'base', base)
queues.settle(new, 0, fields)
emit('task_submitted', id, '', title, tasks.write(new, fields, {}), 'task:' .. id .. ':' .. new.state)
emit('task_progressed', task, '', 'reverted by ' .. id, tasks.write(before, {'revertedBy', id}, {}), 'task:' .. task .. ':merged')
return once.remember('ok')
