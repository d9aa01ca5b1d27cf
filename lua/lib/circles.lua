--- Cycles of tasks and features that wait for each other.
--- Guarantees: a task waits for the names it is under in tasks:after, a feature for its tasks: following dependents by those names finds
--- cycles through features too. The search is bounded.
--- uses: dependents

--- What waits for a name directly, without ended tasks. `fresh` has tasks created in the same step: `waiting`, names by the name they wait
--- for, and `features`, features by the task's name.
local function waitersOf(name, fresh)
	local found = {}
	for _, waiter in ipairs(fresh.waiting[name] or {}) do
		found[#found + 1] = waiter
	end
	local feature = fresh.features[name]
	if not feature then
		for _, waiter in ipairs(redis.call('SMEMBERS', key('tasks:after:' .. name))) do
			if softly('HGET', taskKey(waiter), 'state') == 'blocked' then
				found[#found + 1] = waiter
			end
		end
		feature = string.sub(name, 1, 1) ~= '@' and softly('HGET', taskKey(name), 'feature') or ''
	end
	if feature ~= '' then
		found[#found + 1] = dependents.asFeature(feature)
	end
	return found
end

--- Whether the name `goal` waits for one of `starts`, directly or not; nil if the search exceeds `limit` names. Skips the features of
--- `starts`, which are about to end without a result.
local function waitsFor(goal, starts, limit)
	local none = {waiting = {}, features = {}}
	local seen, open = {}, {}
	local function add(name)
		if not seen[name] then
			seen[name] = true
			open[#open + 1] = name
		end
	end
	for _, start in ipairs(starts) do
		seen[start] = true
		for _, waiter in ipairs(redis.call('SMEMBERS', key('tasks:after:' .. start))) do
			add(waiter)
		end
	end
	for _ = 1, limit do
		local name = table.remove(open)
		if not name or name == goal then
			return name == goal
		end
		for _, waiter in ipairs(waitersOf(name, none)) do
			add(waiter)
		end
	end
	if #open > 0 then
		return nil
	end
	return false
end

--- Names that one call searches for cycles.
local MOST_LOOKED = 5000

--- The cycle that new tasks ({id, blockers, feature}) would close, as ids of tasks and features that each wait for the next; nil if there
--- is none, or nil and true if the search limit was exceeded. Only dependents of something that itself waits can close one.
local function among(tasks)
	local fresh = {waiting = {}, features = {}}
	local names, starts = {}, {}
	for index, task in ipairs(tasks) do
		names[index] = task.id ~= '' and task.id or '#' .. index
		fresh.features[names[index]] = task.feature
	end
	for index, task in ipairs(tasks) do
		local canClose = false
		for _, blocker in ipairs(task.blockers) do
			fresh.waiting[blocker] = fresh.waiting[blocker] or {}
			table.insert(fresh.waiting[blocker], names[index])
			canClose = canClose or fresh.features[blocker] ~= nil or string.sub(blocker, 1, 1) == '@'
				or softly('HGET', taskKey(blocker), 'state') == 'blocked'
		end
		if canClose then
			starts[#starts + 1] = names[index]
		end
	end
	local path, place, isClear = {}, {}, {}
	local looked = 0
	local function visit(name)
		if place[name] then
			local circle = {}
			for index = #path, place[name], -1 do
				circle[#circle + 1] = path[index]
			end
			return circle
		end
		if isClear[name] or looked > MOST_LOOKED then
			return nil
		end
		looked = looked + (fresh.features[name] and 0 or 1)
		path[#path + 1] = name
		place[name] = #path
		for _, waiter in ipairs(waitersOf(name, fresh)) do
			local circle = visit(waiter)
			if circle then
				return circle
			end
		end
		path[#path] = nil
		place[name] = nil
		isClear[name] = true
		return nil
	end
	for _, start in ipairs(starts) do
		local circle = visit(start)
		if circle then
			local ids = {}
			for _, name in ipairs(circle) do
				--- A task without an id yet is known by its feature.
				if string.sub(name, 1, 1) ~= '#' then
					ids[#ids + 1] = string.gsub(name, '^@', '')
				end
			end
			ids[#ids + 1] = ids[1]
			return ids
		end
	end
	return nil, looked > MOST_LOOKED
end

return {waitsFor = waitsFor, among = among}
