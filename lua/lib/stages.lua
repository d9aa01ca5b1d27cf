--- Moving a task from stage to stage, and to its end.
--- uses: tasks

local WRITES = {develop = true, resolve = true, document = true}
--- Whether a task is about to be on the base: too late for a human's order.
local function isMerging(task)
	return task.stage == 'merge' and task.state == 'leased'
end

local function addAuthor(task, agent, fields)
	if not string.find(',' .. task.authors .. ',', ',' .. agent .. ',', 1, true) then
		put(fields, 'authors', task.authors .. (task.authors == '' and '' or ',') .. agent)
	end
end

--- Moves a task to a stage, and says so in `fields`. A developed plan starts there.
local function enter(task, stage, role, fields)
	put(fields, 'stage', stage)
	put(fields, 'role', role)
	put(fields, 'stageAt', nowText)
	if task.stage == 'plan' and stage ~= 'plan' and tasks.HOMES[stage] then
		put(fields, 'firstStage', stage)
		task.firstStage = stage
	end
	task.stage = stage
	task.role = role
end

--- Merged and cancelled tasks that keep their long texts and review comments. Their status stays for ever: others may depend on them.
local TEXTS_KEPT = 1000

--- Ends a task in `state`, with its index. A failed one keeps all it needs for a retry.
local function finish(task, state, index, fields)
	redis.call('ZREM', key('tasks:live'), task.id)
	redis.call('ZADD', key(index), nowText, task.id)
	if index == 'tasks:done' then
		local old = redis.call('ZRANGE', key(index), -TEXTS_KEPT - 1, -TEXTS_KEPT - 1)
		if old[1] then
			redis.call('DEL', key('tasks:text:' .. old[1]))
			softly('HDEL', key('reviews:' .. old[1]), 'comments')
		end
	end
	put(fields, 'state', state)
	put(fields, 'doneAt', nowText)
end

return {WRITES = WRITES, isMerging = isMerging, addAuthor = addAuthor, enter = enter, finish = finish}
