--- pull: what became of a task's pull request on its forge.
--- Guarantees: speaks of exactly the head that the room pushed last: of an older one nothing counts. Leaves a task alone that does not wait for
--- its pull request, unless the forge merged it: then the task is merged, whoever works on it, and its holder's token is superseded in the same
--- step. Of a feature's pull request, a task is tested again as its whole branch. Work that goes back costs no attempt, loses every approval, and
--- continues in the same worktree and session.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 head      the commit that the room pushed
---   5 outcome   kept: only the fields; home: changes are requested; test: tested again on the present base; closed: a human is asked; open: no more; merged
---   6 role      of the stage that it goes to, '' for none
---   7 mergedCommit
---   8 text
---   9 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: dependents, feature-branch, features, freed-paths, handing, leave, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local head = ARGV[4]
local outcome = ARGV[5]
local role = ARGV[6]
local mergedCommit = ARGV[7]
local text = ARGV[8]
local fields = fieldsFrom(9)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before then
	return {'gone'}
end
if head == '' or before.pullHead ~= head then
	return {'stale'}
end
--- Also of a task that has ended: its pull request is closed after it.
if outcome == 'kept' then
	emit('pull_request_changed', task, '', text, tasks.write(before, fields, {}), 'task:' .. task .. ':pull-request')
	return once.remember('ok')
end
if tasks.FINISHED[before.state] then
	return {'gone'}
end
local isWaiting = before.state == 'blocked' and (before.decision == 'pull' or before.decision == 'closed')
if outcome ~= 'merged' and not isWaiting then
	return {'stale'}
end
if outcome == 'closed' then
	put(fields, 'decision', 'closed')
	put(fields, 'waitReason', text)
	put(fields, 'stageAt', nowText)
	emit('task_needs_decision', task, '', text, tasks.write(before, fields, {}), 'task:' .. task .. ':needs-decision')
	return once.remember('ok')
end
if outcome == 'open' then
	put(fields, 'decision', 'pull')
	put(fields, 'waitReason', text)
	emit('pull_request_changed', task, '', text, tasks.write(before, fields, {}), 'task:' .. task .. ':pull-request')
	return once.remember('ok')
end
local event = {}
local owner = before.owner
leave.task(before, event)
leave.unowned(fields)
for _, name in ipairs({'decision', 'waitReason', 'progress'}) do
	put(fields, name, '')
end
if outcome == 'merged' then
	put(fields, 'mergedCommit', mergedCommit)
	put(fields, 'pullOf', '')
	stages.finish(before, 'merged', 'tasks:done', fields)
	features.countEnd(before, 'merged', event)
	emit('task_merged', task, owner, text, tasks.write(before, fields, event), 'task:' .. task .. ':merged')
	redis.call('PUBLISH', key('events:task_completed'), 'task:' .. task .. ':merged')
	dependents.free(task, 100)
	features.tellEnd(before)
	freedPaths.serve()
	return once.remember('ok')
end
for _, name in ipairs({'candidate', 'candidateBase', 'failedCandidate'}) do
	put(fields, name, '')
end
put(fields, 'reason', text)
local kind = 'task_retested'
if outcome == 'home' then
	kind = 'task_changes_requested'
	for _, name in ipairs({'reviewer', 'reviewedCommit', 'auditedCommit', 'cleared', 'fresh'}) do
		put(fields, name, '')
	end
	stages.enter(before, before.firstStage ~= '' and before.firstStage or 'develop', role, fields)
else
	if before.pullOf == 'feature' then
		featureBranch.asWhole(before, before.pullHead, fields)
	end
	stages.enter(before, 'test', role, fields)
end
queues.settle(before, 0, fields)
emit(kind, task, owner, text, tasks.write(before, fields, event), 'task:' .. task .. ':ready')
handing.give(before)
return once.remember('ok')
