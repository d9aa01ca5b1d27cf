--- accept-intake: makes an intake entry a task.
--- Guarantees: one task per entry, whoever reads it and however often it is pushed while that task is unfinished; later pushes make a new
--- one with a number after its id. The entry stays in the intake until its task is claimed, unless it is not for external workers: it
--- starts with a plan or has dependencies. If an external worker took it meanwhile, the task is created and reserved for it.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 mark
---   4 id
---   5 isExact   1: the id was given and must not change
---   6 title
---   7 description
---   8 stage
---   9 role
---   10 priority 0 to 100, 100 first
---   11 needs    capabilities with commas
---   12 after    ids with commas
---   13 feature
---   14 attempts
---
--- Replies: 'ok' id | 'same' id (that task is unfinished) | 'exists' id | 'unknown' id of the missing dependency | 'cycle' ids with commas
--- | 'gone'
---
--- uses: circles, create, features, handing, intake, once, queues, tasks

local op = ARGV[2]
local mark = ARGV[3]
local id = ARGV[4]
local isExact = ARGV[5]
local title = ARGV[6]
local description = ARGV[7]
local stage = ARGV[8]
local role = ARGV[9]
local priority = tonumber(ARGV[10])
local needs = ARGV[11]
local after = ARGV[12]
local feature = ARGV[13]
local attempts = tonumber(ARGV[14])

local answered = once.answered(op)
if answered then
	return answered
end

local entry = redis.call('HGET', key('tasks:intake'), mark)
local accepted = redis.call('HGET', key('tasks:intake:task'), mark)
if accepted then
	return {'ok', accepted}
end
if not entry then
	return {'gone'}
end

local plain = id
local number = 1
while true do
	if not tasks.isTaken(id) then
		break
	end
	local there = tasks.read(id)
	--- A task that a word created (`word`) belongs to the first entry that names it.
	local isNamed = there and there.origin == 'external' and id == plain
	if there and not tasks.FINISHED[there.state] and (isNamed or string.sub(there.origin, 2) == string.sub(mark, 2)) then
		intake.drop(mark, entry)
		if string.sub(mark, 1, 1) == 'z' then
			intake.prioritise(id, priority)
		end
		local event = isNamed and tasks.write(there, {'origin', mark}, {}) or {}
		local text = isNamed and 'was requested by a pushed entry' or 'was requested again: it is this task'
		emit('task_progressed', id, '', text, event, 'task:' .. id .. ':' .. there.state)
		return once.remember('same', id)
	end
	if isExact == '1' or number == 99 then
		return {'exists', id}
	end
	number = number + 1
	id = string.sub(plain, 1, 36) .. '-' .. number
end
local given = {
	id = id, title = title, description = description, stage = stage, role = role, needs = needs, after = after, feature = feature, assigned = '', paths = '',
	origin = mark, priority = priority, attempts = attempts,
}
given.feature = create.featureOf(given)
local blockers, unknown = features.waitsOf(given, {})
if unknown then
	return {'unknown', unknown}
end
given.blockers = blockers
given.waits = #blockers
local circle, isTooMuch = circles.among({given})
if circle or isTooMuch then
	return {'cycle', circle and table.concat(circle, ',') or id}
end

local isThere = nil
if string.sub(mark, 1, 1) == 'z' then
	isThere = softly('ZSCORE', key('tasks:priority'), entry)
else
	isThere = softly('LPOS', key('tasks:pending'), entry, 'RANK', -1)
end
local task, fields = create.task(given, tonumber(exactly()))
local event = {}
features.countNew(task, event)
if stage ~= 'develop' or #blockers > 0 then
	intake.drop(mark, entry)
else
	redis.call('HSET', key('tasks:intake:task'), mark, id)
end
for _, dependency in ipairs(blockers) do
	redis.call('SADD', key('tasks:after:' .. dependency), id)
end
if #blockers > 0 then
	put(fields, 'state', 'blocked')
elseif isThere or stage ~= 'develop' then
	queues.settle(task, 0, fields)
else
	intake.forget(mark)
	intake.holdBack(task, fields)
end
emit('task_submitted', id, '', title, tasks.write(task, fields, event), 'task:' .. id .. ':' .. task.state)
handing.give(task)
return once.remember('ok', id)
