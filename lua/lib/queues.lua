--- Where ready and delayed tasks are, and the intake entry that a task came from.

--- The priority set of a task: its assigned agent's own, or its role's for the needed capabilities. `needs` only apply to development; an
--- assignment only to the role it was made for.
local function of(task)
	if task.assigned ~= '' and task.assignedRole == task.role then
		return key('tasks:priority:@' .. task.assigned), nil
	end
	local role = key('tasks:priority:' .. task.role)
	if task.stage ~= 'develop' or task.needs == '' then
		return role, ''
	end
	local names = {}
	for name in string.gmatch(task.needs, '[^,]+') do
		names[#names + 1] = name
	end
	table.sort(names)
	local needs = table.concat(names, '+')
	return needs == '' and role or role .. ':' .. needs, needs
end

--- Removes an entry from the lists of what external workers took with BLMOVE: whoever has it now, nobody takes it from there.
local function removeTaken(entry)
	for _, agent in ipairs(redis.call('SMEMBERS', key('tasks:takers'))) do
		softly('LREM', key('tasks:taken:' .. agent), 0, entry)
	end
end

--- Removes the task's intake entry, in the step that assigns or ends the task. Does nothing for a task without one.
local function takeFromIntake(task)
	local mark = task.origin
	if mark == '' or redis.call('HGET', key('tasks:intake:task'), mark) ~= task.id then
		return
	end
	local entry = redis.call('HGET', key('tasks:intake'), mark)
	if entry and string.sub(mark, 1, 1) == 'z' then
		softly('ZREM', key('tasks:priority'), entry)
	elseif entry then
		--- From the end with the oldest. A second copy is the same task: the next sweep removes it.
		softly('LREM', key('tasks:pending'), -1, entry)
		removeTaken(entry)
	end
	redis.call('HDEL', key('tasks:intake'), mark)
	redis.call('HDEL', key('tasks:intake:task'), mark)
	redis.call('ZREM', key('tasks:intake:order'), mark)
end

--- Takes a ready task out of its queue, and its entry out of the intake.
local function leave(task)
	local queue, needs = of(task)
	redis.call('ZREM', queue, task.id)
	if needs ~= '' and redis.call('EXISTS', queue) == 0 then
		if needs then
			redis.call('SREM', key('tasks:sets:' .. task.role), needs)
		else
			redis.call('SREM', key('tasks:assigned'), task.assigned)
		end
	end
	takeFromIntake(task)
end

--- Puts a task into its ready set, or among the delayed ones, and says so in `fields`. The score comes from its creation (createdAt -
--- priority * 60000, ms) and never changes: a requeued task keeps its place, and a point of priority is worth a minute of waiting, so
--- nothing starves: whatever is submitted 100 minutes later comes after it.
local function settle(task, delayMs, fields)
	if delayMs > 0 then
		local readyAt = digits(now + delayMs)
		redis.call('ZADD', key('tasks:delayed'), readyAt, task.id)
		put(fields, 'state', 'delayed')
		put(fields, 'readyAt', readyAt)
	else
		local queue, needs = of(task)
		redis.call('ZADD', queue, task.score, task.id)
		if not needs then
			redis.call('SADD', key('tasks:assigned'), task.assigned)
		elseif redis.call('SADD', key('tasks:sets:' .. task.role), needs) == 1 then
			redis.call('SADD', key('tasks:roles'), task.role)
		end
		put(fields, 'state', 'ready')
		put(fields, 'readyAt', nowText)
	end
end

return {of = of, leave = leave, settle = settle, takeFromIntake = takeFromIntake, removeTaken = removeTaken}
