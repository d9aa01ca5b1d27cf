--- Dependents of merged tasks and features. Needs lib/task and lib/handing.

--- Frees at most `limit` dependents of a merged task; what is left over is done by the next sweep, which finds the id in tasks:freeing.
local function freeDependents(id, limit)
	local waiting = key('tasks:after:' .. id)
	if redis.call('EXISTS', waiting) == 0 then
		return
	end
	for _, dependent in ipairs(redis.call('SPOP', waiting, limit)) do
		local task = readTask(dependent)
		if task and task.state == 'blocked' then
			local waits = math.max(0, (tonumber(task.waits) or 1) - 1)
			local fields = {'waits', digits(waits)}
			if waits == 0 then
				settle(task, 0, fields)
				emit('task_ready', dependent, '', id .. ' is merged', writeTask(task, fields, {}), 'task:' .. dependent .. ':ready')
				handOut(task)
			else
				emit('task_progressed', dependent, '', id .. ' is merged', writeTask(task, fields, {}), 'task:' .. dependent .. ':blocked')
			end
		end
	end
	if redis.call('EXISTS', waiting) == 1 then
		redis.call('SADD', key('tasks:freeing'), id)
	else
		redis.call('SREM', key('tasks:freeing'), id)
	end
end
