--- decide: a human's decision on a waiting task; the task becomes ready in a stage.
--- Guarantees: decided once: a task that does not ask exactly that any more, because another terminal was first, is left as it is. Work that
--- a person passes on from review or audit counts as reviewed by that person, at the commit that it stands at. Rounds begin anew after it. A merge
--- held by its checks that goes on to its test is cleared, that very commit and no other. Commits that a person lets come back with it are those that
--- were named, no others; work that was made anew without them has no approval yet.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 decision      the decision it must still need
---   5 next      a stage
---   6 nextRole
---   7 text
---   8 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: handing, leave, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local decision = ARGV[4]
local next = ARGV[5]
local nextRole = ARGV[6]
local text = ARGV[7]
local fields = fieldsFrom(8)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] then
	return {'gone'}
end
if before.state ~= 'blocked' or before.decision ~= decision then
	return {'stale'}
end
local isJudged = before.stage == 'review' or before.stage == 'audit'
if isJudged and (next == 'audit' or next == 'test') then
	put(fields, 'reviewer', 'person')
	put(fields, 'reviewedCommit', before.commit)
	if before.stage == 'audit' then
		put(fields, 'auditedCommit', before.commit)
	end
	tasks.showReview(task, 'status', 'approved', 'reviewer', 'person', 'commit', before.commit, 'verdict', 'approve')
end
leave.task(before, {})
if decision == 'plan' or decision == 'rounds' then
	put(fields, 'rounds', '0')
elseif decision == 'checks' then
	put(fields, 'cleared', before.stage == 'test' and next == 'test' and before.commit or '')
elseif decision == 'returns' then
	if valueIn(fields, 'commit') then
		for _, name in ipairs({'reviewer', 'reviewedCommit', 'auditedCommit', 'cleared'}) do
			put(fields, name, '')
		end
	else
		put(fields, 'letBack', before.letBack .. (before.letBack == '' and '' or ',') .. before.returns)
	end
	put(fields, 'returns', '')
end
for _, name in ipairs({'decision', 'waitReason', 'proposal'}) do
	put(fields, name, '')
end
stages.enter(before, next, nextRole, fields)
queues.settle(before, 0, fields)
emit('task_decided', task, '', text, tasks.write(before, fields, {}), 'task:' .. task .. ':ready')
handing.give(before)
return once.remember('ok')
