--- submit: accepts tasks, all or none; each is ready, or blocked until what it comes after is merged.
--- Guarantees: an id is accepted once; every dependency exists, is of the same call, or is a feature; a circle of dependencies is refused. A
--- dependency that died or was cancelled blocks until a person acts.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 rows...   of each task: id ('' gives the next t-<n>), title, brief, stage, role, priority (0 to 100, 100 first), needs (capabilities with
---               commas), after (ids with commas), feature, attempts, assigned (the only agent that may claim it, '' for any), paths (globs
---               with commas)
---
--- Replies: 'ok' id... | 'exists' id | 'unknown' id of the missing dependency | 'cycle' ids from one task back to itself, with commas

--- include: lib/base
local op = ARGV[2]
local rows = fieldsFrom(3)
--- include: lib/once
--- include: lib/agent
--- include: lib/overlap
--- include: lib/task
--- include: lib/claimable
--- include: lib/handing
--- include: lib/after
--- include: lib/feature
--- include: lib/create

local WIDTH = 12
local NAMES = {'id', 'title', 'brief', 'stage', 'role', 'priority', 'needs', 'after', 'feature', 'attempts', 'assigned', 'paths'}
local tasks, byId = {}, {}
for first = 1, #rows, WIDTH do
	local task = {}
	for index, name in ipairs(NAMES) do
		task[name] = rows[first + index - 1]
	end
	if task.id ~= '' then
		if byId[task.id] or isTaken(task.id) then
			return {'exists', task.id}
		end
		byId[task.id] = task
	end
	tasks[#tasks + 1] = task
end

for _, task in ipairs(tasks) do
	local unknown
	task.blockers, unknown = waitsOf(task, byId)
	if unknown then
		return {'unknown', unknown}
	end
end

--- Depth first over the new tasks alone: what is in Redis already cannot wait for them, save for the feature that one of them joins. Returns the circle, from one task back to itself.
local function circleFrom(start)
	local path, place = {}, {}
	local function visit(id)
		if place[id] then
			local circle = {}
			for index = place[id], #path do
				circle[#circle + 1] = path[index]
			end
			circle[#circle + 1] = id
			return circle
		end
		local task = byId[id]
		if not task or task.isClear then
			return nil
		end
		path[#path + 1] = id
		place[id] = #path
		for _, dependency in ipairs(task.blockers) do
			local circle = visit(dependency)
			if circle then
				return circle
			end
		end
		path[#path] = nil
		place[id] = nil
		task.isClear = true
		return nil
	end
	return visit(start)
end
for id in pairs(byId) do
	local circle = circleFrom(id)
	if circle then
		return {'cycle', table.concat(circle, ',')}
	end
end

local exact = tonumber(exactly())
local accepted = {'ok'}
local ready = {}
for index, task in ipairs(tasks) do
	while task.id == '' or (not byId[task.id] and redis.call('EXISTS', taskKey(task.id)) == 1) do
		task.id = 't-' .. digits(redis.call('INCR', key('tasks:number')))
		if byId[task.id] then
			task.id = ''
		end
	end
	task.priority = tonumber(task.priority)
	task.attempts = tonumber(task.attempts)
	task.origin = ''
	task.waits = #task.blockers
	--- Those of one call keep their order: a microsecond each.
	local made, fields = newTask(task, exact + (index - 1) / 1000)
	for _, dependency in ipairs(task.blockers) do
		redis.call('SADD', key('tasks:after:' .. dependency), task.id)
	end
	local event = {}
	countNew(made, event)
	if #task.blockers > 0 then
		put(fields, 'state', 'blocked')
	else
		settle(made, 0, fields)
	end
	writeTask(made, fields, event)
	emit('task_submitted', task.id, '', task.title, event, 'task:' .. task.id .. ':' .. made.state)
	ready[index] = made
	accepted[#accepted + 1] = task.id
end
for _, task in ipairs(ready) do
	handOut(task)
end
return remember(unpack(accepted))
