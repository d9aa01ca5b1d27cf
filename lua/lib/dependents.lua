--- Dependents of merged tasks and features.
--- Run when first used: most steps need none of it.
--- uses: handing, queues, tasks

--- The name for a feature's dependents: no id starts like it, so that a task may have a feature's name.
local function asFeature(id)
	return '@' .. id
end

--- One thing less that a blocked task waits for.
local function freeOne(task, text)
	local waits = math.max(0, (tonumber(task.waits) or 1) - 1)
	local fields = {'waits', digits(waits)}
	if waits == 0 then
		queues.settle(task, 0, fields)
		emit('task_ready', task.id, '', text, tasks.write(task, fields, {}), 'task:' .. task.id .. ':ready')
		handing.give(task)
	else
		emit('task_progressed', task.id, '', text, tasks.write(task, fields, {}), 'task:' .. task.id .. ':blocked')
	end
end

--- Unblocks at most `limit` dependents of a merged task or feature, or of a plan (`word`); the next sweep finds the rest by the name in
--- tasks:freeing.
local function free(name, limit, word)
	local behind = key('tasks:after:' .. name)
	local text = string.gsub(name, '^@', '') .. ' is ' .. (word or 'merged')
	if redis.call('EXISTS', behind) == 0 then
		return
	end
	for _, dependent in ipairs(redis.call('SPOP', behind, limit)) do
		local task = tasks.read(dependent)
		if task and task.state == 'blocked' then
			freeOne(task, text)
		end
	end
	if redis.call('EXISTS', behind) == 1 then
		redis.call('SADD', key('tasks:freeing'), name)
	else
		redis.call('SREM', key('tasks:freeing'), name)
	end
end

--- Unblocks dependents of the same feature: the work of `task` is on the branch that they start from. Others wait until it is merged.
local function freeSiblings(task)
	local behind = key('tasks:after:' .. task.id)
	for _, id in ipairs(redis.call('SMEMBERS', behind)) do
		local sibling = tasks.read(id)
		if sibling and sibling.feature == task.feature and sibling.state == 'blocked' then
			redis.call('SREM', behind, id)
			freeOne(sibling, task.id .. ' is on the branch of ' .. task.feature)
		end
	end
end

return {asFeature = asFeature, free = free, freeSiblings = freeSiblings}
