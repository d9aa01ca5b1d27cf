--- Where ready and delayed tasks stand, and the entry of the seed that a task came from.

--- The priority set of a task: its assigned agent's own, or its role's for the capabilities needed. `needs` are of the development
--- alone; an assignment is of the role it was made for.
local function of(task)
	if task.assigned ~= '' and task.assignedRole == task.role then
		return key('tasks:priority:@' .. task.assigned), nil
	end
	local names = {}
	if task.stage == 'develop' then
		for name in string.gmatch(task.needs, '[^,]+') do
			names[#names + 1] = name
		end
		table.sort(names)
	end
	local needs = table.concat(names, '+')
	return key('tasks:priority:' .. task.role .. (needs == '' and '' or ':' .. needs)), needs
end

--- Takes the seed's entry out of tasks:pending or tasks:priority and forgets it, in the step that gives its task to somebody or ends it.
--- Of a task that came in another way, or whose entry is gone already, nothing is touched.
local function takeFromIntake(task)
	local mark = task.origin
	if mark == '' or redis.call('HGET', key('tasks:intake:task'), mark) ~= task.id then
		return
	end
	local entry = redis.call('HGET', key('tasks:intake'), mark)
	if entry and string.sub(mark, 1, 1) == 'z' then
		softly('ZREM', key('tasks:priority'), entry)
	elseif entry then
		--- From the end where the oldest stand. A second copy is the same task: the next sweep takes it out.
		softly('LREM', key('tasks:pending'), -1, entry)
	end
	redis.call('HDEL', key('tasks:intake'), mark)
	redis.call('HDEL', key('tasks:intake:task'), mark)
	redis.call('ZREM', key('tasks:intake:order'), mark)
end

--- Takes a ready task out of its queue, and the seed's entry that it came from out of the intake.
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

--- Puts a task into its ready set, or among the delayed ones, and says so in `fields`. The score is from its creation
--- (createdAt - priority * 60000, ms) and never changes: a requeued task keeps its place, and a point of priority is worth a
--- minute of waiting, so nothing starves: whatever is submitted 100 minutes later comes after it.
local function settle(task, delayMs, fields)
	if delayMs > 0 then
		redis.call('ZADD', key('tasks:delayed'), now + delayMs, task.id)
		put(fields, 'state', 'delayed')
		put(fields, 'readyAt', digits(now + delayMs))
	else
		local queue, needs = of(task)
		redis.call('ZADD', queue, task.score, task.id)
		if not needs then
			redis.call('SADD', key('tasks:assigned'), task.assigned)
		elseif redis.call('SADD', key('tasks:sets:' .. task.role), needs) == 1 then
			redis.call('SADD', key('tasks:roles'), task.role)
		end
		put(fields, 'state', 'ready')
		put(fields, 'readyAt', digits(now))
	end
end

return {of = of, leave = leave, settle = settle}
