--- release: returns a task without costing an attempt; or a human assigns it to an agent.
--- Guarantees: the old token is superseded at once. Without a token it is a human's order for any unfinished state: a leased task becomes
--- ready, a ready, delayed or blocked one keeps its state and only its assignment changes; a task that is merging or needs a decision is
--- unchanged. A task is never reserved for an agent of a role other than its stage needs. Reassigning drops the session and the reservation
--- for its previous agent.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 token     '' for a human's order
---   5 reason
---   6 to        the only agent that may claim it; '' removes an earlier choice
---   7 fields... alternating names and values, none of them structural
---
--- Replies: 'ok' | 'stale' | 'gone' | 'merging' | 'needs-decision'
---
--- flags: allow-oom
--- uses: freed-paths, handing, leave, once, queues, retry, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local token = ARGV[4]
local reason = ARGV[5]
local to = ARGV[6]
local fields = fieldsFrom(7)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)
if refused == 'gone' or (refused and token ~= '') then
	return {refused}
end
if token == '' and stages.isMerging(before) then
	return {'merging'}
end
if before.decision ~= '' then
	return {'needs-decision'}
end
--- Since the human saw it, the task may have moved to another role's stage.
local role = to ~= '' and redis.call('HGET', agentKey(to), 'role') or before.role
if role ~= before.role then
	return {'stale'}
end
local event = {}
local state = before.state
put(fields, 'reason', reason)
put(fields, 'assigned', to)
put(fields, 'assignedRole', to ~= '' and before.role or '')
if token == '' and before.session ~= '' and before.sessionOf ~= to then
	put(fields, 'session', '')
	put(fields, 'prefers', '')
	before.prefers = ''
end
local function reserve()
	before.assigned = to
	before.assignedRole = to ~= '' and before.role or ''
end
if state == 'leased' then
	local freed = leave.task(before, event)
	before.state = 'released'
	reserve()
	retry.putBack(before, false, 0, fields, event, freed)
elseif state == 'ready' then
	leave.task(before, event)
	reserve()
	queues.settle(before, 0, fields)
end
emit('task_released', task, before.owner, reason, tasks.write(before, fields, event), 'task:' .. task .. ':' .. (valueIn(fields, 'state') or state))
handing.give(before)
freedPaths.serve()
return once.remember('ok')
