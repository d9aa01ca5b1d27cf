--- remove-dependency: unblocks a task from a dependency that will not merge any more.
--- Guarantees: only a blocked task, and only a dependency that failed, was cancelled, or is a feature that ended partly unmerged: a
--- dependency that may still merge stays. Other dependencies stay.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 without   the task or feature
---
--- Replies: 'ok' | 'gone' (it is not blocked) | 'stale' (it does not wait for that) | 'open' (that may still be merged)
---
--- uses: dependents, features, handing, once, queues, tasks

local op = ARGV[2]
local task = ARGV[3]
local without = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or before.state ~= 'blocked' or before.decision ~= '' then
	return {'gone'}
end
local names = {}
for name in string.gmatch(before.after, '[^,]+') do
	if name ~= without then
		names[#names + 1] = name
	end
end
local after = table.concat(names, ',')
local other = tasks.read(without)
local stands = other and features.nameOf(without, other, before.feature) or dependents.asFeature(without)
if after == before.after or redis.call('SISMEMBER', key('tasks:after:' .. stands), task) == 0 then
	return {'stale'}
end
local counts = nil
if stands ~= without then
	counts = features.countsOf(string.sub(stands, 2))
end
local isOver = other and (other.state == 'failed' or other.state == 'cancelled') or counts and counts.open == '0'
if not isOver then
	return {'open'}
end
--- Dependencies may share a name: it stays while one of them is left.
local isShared = false
for _, name in ipairs(names) do
	local known = tasks.read(name)
	isShared = isShared or (known and features.nameOf(name, known, before.feature) or dependents.asFeature(name)) == stands
end
local waits = tonumber(before.waits) or 1
if not isShared then
	redis.call('SREM', key('tasks:after:' .. stands), task)
	waits = math.max(0, waits - 1)
end
local fields = {'after', after, 'waits', digits(waits)}
if waits == 0 then
	queues.settle(before, 0, fields)
end
local written = tasks.write(before, fields, {})
emit(waits == 0 and 'task_ready' or 'task_progressed', task, '', 'no longer depends on ' .. without, written, 'task:' .. task .. ':' .. before.state)
if waits == 0 then
	handing.give(before)
end
return once.remember('ok')
