--- cancel: an unfinished task ends without a result, or another takes its place.
--- Guarantees: the token of its holder is superseded in the same step. What comes after it stays blocked until a person acts, unless another
--- task takes its place: then it waits for that one instead. A successor that itself waits for the task, however indirectly, is refused; so is
--- what lands at this moment: it is about to be on the base.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 reason
---   5 by        the task that takes its place, '' for none
---
--- Replies: 'ok' | 'gone' | 'landing' | 'unknown' by | 'cycle' by | 'many' (more than 500 wait for it, or `by` for more than 1,000)

--- include: lib/base
local op = ARGV[2]
local task = ARGV[3]
local reason = ARGV[4]
local by = ARGV[5]
--- include: lib/once
--- include: lib/agent
--- include: lib/overlap
--- include: lib/lock
--- include: lib/task
--- include: lib/leave
--- include: lib/claimable
--- include: lib/handing
--- include: lib/freed
--- include: lib/after
--- include: lib/feature

local before = readTask(task)
if not before or FINISHED[before.state] then
	return {'gone'}
end
if isLanding(before) then
	return {'landing'}
end
local waiting = key('tasks:after:' .. task)
local successor = nil
if by ~= '' then
	successor = readTask(by)
	if not successor or by == task or successor.state == 'dead' or successor.state == 'cancelled' then
		return {'unknown', by}
	end
	if redis.call('SCARD', waiting) > 500 then
		return {'many'}
	end
	--- Everything that the successor waits for, at most 1,000 tasks of it; who is not blocked waits for nothing any more.
	local seen, open = {[by] = true}, {by}
	local looked = 0
	while #open > 0 do
		looked = looked + 1
		if looked > 1000 then
			return {'many'}
		end
		local waits = softly('HMGET', taskKey(table.remove(open)), 'state', 'after') or {}
		for id in string.gmatch(waits[1] == 'blocked' and waits[2] or '', '[^,]+') do
			if id == task then
				return {'cycle', by}
			end
			if not seen[id] then
				seen[id] = true
				open[#open + 1] = id
			end
		end
	end
end

local event = {}
local fields = {'reason', reason, 'supersededBy', by}
leave(before, event)
unowned(fields)
finish(before, 'cancelled', 'tasks:done', fields)
if successor and before.feature ~= '' and successor.feature == before.feature then
	uncount(before, event)
else
	countEnd(before, 'cancelled', event)
end
emit(by == '' and 'task_cancelled' or 'task_superseded', task, before.owner, by == '' and reason or by, writeTask(before, fields, event), 'task:' .. task .. ':cancelled')
--- Each dependent waits for one less, and for the successor instead unless it did already or that one is merged.
for _, id in ipairs(by == '' and {} or redis.call('SPOP', waiting, 500)) do
	local dependent = readTask(id)
	if dependent and dependent.state == 'blocked' then
		local names, waited = {by}, false
		for name in string.gmatch(dependent.after, '[^,]+') do
			waited = waited or name == by
			if name ~= task and name ~= by then
				names[#names + 1] = name
			end
		end
		local waits = math.max(0, (tonumber(dependent.waits) or 1) - 1)
		if not waited and successor.state ~= 'merged' then
			waits = waits + 1
			redis.call('SADD', key('tasks:after:' .. by), id)
		end
		local changed = {'after', table.concat(names, ','), 'waits', digits(waits)}
		if waits == 0 then
			settle(dependent, 0, changed)
		end
		local text = 'waits for ' .. by .. ' instead of ' .. task
		local written = writeTask(dependent, changed, {})
		emit(waits == 0 and 'task_ready' or 'task_progressed', id, '', text, written, 'task:' .. id .. ':' .. dependent.state)
		handOut(dependent)
	end
end
endFeature(before)
serveFreed()
return remember('ok')
