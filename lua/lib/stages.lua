--- Moving a task from stage to stage, and to its end.
--- uses: tasks

local WRITES = {develop = true, resolve = true, document = true}
--- Whether a task is about to be on the base: a person's order comes too late.
local function isMerging(task)
	return task.stage == 'merge' and task.state == 'leased'
end

--- Notes that an agent wrote into a task.
local function addAuthor(task, agent, fields)
	if not string.find(',' .. task.authors .. ',', ',' .. agent .. ',', 1, true) then
		put(fields, 'authors', task.authors .. (task.authors == '' and '' or ',') .. agent)
	end
end

--- Moves a task to a stage, and says so in `fields`. What a plan becomes begins there.
local function enter(task, stage, role, fields)
	put(fields, 'stage', stage)
	put(fields, 'role', role)
	put(fields, 'stageAt', digits(now))
	if task.stage == 'plan' and stage ~= 'plan' and tasks.HOMES[stage] then
		put(fields, 'firstStage', stage)
		task.firstStage = stage
	end
	task.stage = stage
	task.role = role
end

--- Merged and cancelled tasks that keep their long texts and the comments of their review, the last of them. Their status stays for ever: others may come after them.
local TEXTS_KEPT = 1000

--- Ends a task's life in `state`, with the index that keeps it. A dead one keeps all it needs to be queued again.
local function finish(task, state, index, fields)
	redis.call('ZREM', key('tasks:live'), task.id)
	redis.call('ZADD', key(index), now, task.id)
	if index == 'tasks:done' then
		local old = redis.call('ZRANGE', key(index), -TEXTS_KEPT - 1, -TEXTS_KEPT - 1)
		if old[1] then
			redis.call('DEL', key('tasks:text:' .. old[1]))
			softly('HDEL', key('reviews:' .. old[1]), 'comments')
		end
	end
	put(fields, 'state', state)
	put(fields, 'doneAt', digits(now))
end

return {WRITES = WRITES, isMerging = isMerging, addAuthor = addAuthor, enter = enter, finish = finish}
