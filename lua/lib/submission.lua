--- Submitted tasks: reads, checks and creates them.
--- Guarantees: all or none; an id is accepted once; every dependency exists, is of the same call, or is a feature; a cycle of dependencies,
--- also one through features, is refused.
--- uses: circles, create, dependents, features, queues, tasks

local SUBMITTED = {
	'id', 'title', 'description', 'acceptance', 'stage', 'role', 'priority', 'needs', 'after', 'feature', 'attempts', 'assigned', 'paths', 'audit',
	'model', 'permissions', 'adopts', 'startsAt',
}

--- Tasks of argument rows, all of `feature` if given.
local function read(rows, feature)
	local given = {}
	for first = 1, #rows, #SUBMITTED do
		local task = {}
		for index, name in ipairs(SUBMITTED) do
			task[name] = rows[first + index - 1]
		end
		if feature then
			task.feature = feature
		end
		task.feature = create.featureOf(task)
		given[#given + 1] = task
	end
	return given
end

--- Why the tasks are refused, as an answer; nil if they are valid: each then has its `blockers`. `gone` has ids that end in the same step.
local function refusalOf(given, gone)
	local byId = {}
	for _, task in ipairs(given) do
		if task.id ~= '' then
			if byId[task.id] or tasks.isTaken(task.id) then
				return {'exists', task.id}
			end
			byId[task.id] = task
		end
		if task.feature ~= '' then
			byId[dependents.asFeature(task.feature)] = task
		end
	end
	for _, task in ipairs(given) do
		local unknown
		task.blockers, unknown = features.waitsOf(task, byId, gone)
		if unknown then
			return {'unknown', unknown}
		end
	end
	local circle, isTooMuch = circles.among(given)
	if circle then
		return {'cycle', table.concat(circle, ',')}
	end
	return isTooMuch and {'many', given[1].id} or nil
end

--- Creates valid tasks, ready or blocked. Returns them, to be assigned after all writes, and their ids.
local function accept(given)
	local isGiven = {}
	for _, task in ipairs(given) do
		isGiven[task.id] = true
	end
	local exact = tonumber(exactly())
	local made, ids = {}, {}
	for index, task in ipairs(given) do
		if task.id == '' then
			repeat
				task.id = 't-' .. digits(redis.call('INCR', key('tasks:number')))
			until not isGiven[task.id] and redis.call('EXISTS', taskKey(task.id)) == 0
		end
		task.priority = tonumber(task.priority)
		task.attempts = tonumber(task.attempts)
		task.origin = ''
		task.waits = #task.blockers
		--- Tasks of one call keep their order: a microsecond each.
		local new, fields = create.task(task, exact + (index - 1) / 1000)
		for _, dependency in ipairs(task.blockers) do
			redis.call('SADD', key('tasks:after:' .. dependency), task.id)
		end
		local event = {}
		features.countNew(new, event)
		if #task.blockers > 0 then
			put(fields, 'state', 'blocked')
		else
			queues.settle(new, 0, fields)
		end
		tasks.write(new, fields, event)
		emit('task_submitted', task.id, '', task.title, event, 'task:' .. task.id .. ':' .. new.state)
		made[index] = new
		ids[index] = task.id
	end
	return made, ids
end

return {read = read, refusalOf = refusalOf, accept = accept}
