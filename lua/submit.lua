--- submit: accepts a task; it is ready, or blocked until what it comes after is merged.
--- Guarantees: an id is accepted once; every dependency exists. A dependency that died or was cancelled blocks until a person acts.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 id        '' gives the next t-<n>
---   4 title
---   5 brief
---   6 stage
---   7 role
---   8 priority  0 to 100, 100 first
---   9 needs     capabilities with commas
---   10 after    ids with commas
---   11 feature
---   12 attempts
---   13 assigned the only agent that may claim it, '' for any
---
--- Replies: 'ok' id | 'exists' id | 'unknown' id of the missing dependency

--- include: lib/base
local op = ARGV[2]
local id = ARGV[3]
local title = ARGV[4]
local brief = ARGV[5]
local stage = ARGV[6]
local role = ARGV[7]
local priority = tonumber(ARGV[8])
local needs = ARGV[9]
local after = ARGV[10]
local feature = ARGV[11]
local attempts = tonumber(ARGV[12])
local assigned = ARGV[13]
--- include: lib/once
--- include: lib/agent
--- include: lib/task

if id ~= '' and redis.call('HEXISTS', taskKey(id), 'state') == 1 then
	return {'exists', id}
end
local blockers = {}
for dependency in string.gmatch(after, '[^,]+') do
	local state = redis.call('HGET', taskKey(dependency), 'state')
	if not state or dependency == id then
		return {'unknown', dependency}
	end
	if state ~= 'merged' then
		blockers[#blockers + 1] = dependency
	end
end
while id == '' or redis.call('EXISTS', taskKey(id)) == 1 and ARGV[3] == '' do
	id = 't-' .. digits(redis.call('INCR', key('tasks:number')))
end

local task = {id = id, stage = stage, role = role, needs = needs, assigned = assigned, assignedRole = assigned ~= '' and role or ''}
task.score = string.format('%.3f', tonumber(exactly) - priority * 60000)
local fields = {
	'title', title, 'brief', brief, 'stage', stage, 'role', role, 'needs', needs, 'after', after, 'feature', feature,
	'priority', digits(priority), 'score', task.score, 'attempts', digits(attempts), 'assigned', assigned, 'assignedRole', task.assignedRole,
	'waits', digits(#blockers), 'attempt', '0', 'failures', '0', 'rounds', '0', 'fresh', '0', 'owner', '', 'token', '',
	'createdAt', digits(now), 'stageAt', digits(now),
}
redis.call('ZADD', key('tasks:live'), exactly, id)
for _, dependency in ipairs(blockers) do
	redis.call('SADD', key('tasks:after:' .. dependency), id)
end
if #blockers > 0 then
	put(fields, 'state', 'blocked')
else
	settle(task, 0, fields)
end
local event = writeTask(id, fields, {})
emit('task_submitted', id, '', title, event, 'task:' .. id .. ':' .. valueIn(fields, 'state'))
return remember('ok', id)
