--- What an agent could take next.

--- Limit of a role's sets of needs that a claim distinguishes.
local MOST_SETS = 64

local function setOf(capabilities)
	local set = {}
	for name in string.gmatch(capabilities, '[^,]+') do
		set[name] = true
	end
	return set
end

--- True if all of `needs` (joined by +) are among the agent's capabilities.
local function covers(capabilities, needs)
	for name in string.gmatch(needs, '[^+]+') do
		if not capabilities[name] then
			return false
		end
	end
	return true
end

--- True if an agent can do a task's development; needs apply to that stage only.
local function coversAll(capabilities, task)
	return task.stage ~= 'develop' or task.needs == '' or covers(setOf(capabilities), (string.gsub(task.needs, ',', '+')))
end

--- The sets of needs that an agent with capabilities may cover. Of many sets, the agent's own combinations; of too many of those a random
--- choice, different each time.
local function needsFor(member)
	local index = key('tasks:sets:' .. member.role)
	if redis.call('SCARD', index) <= MOST_SETS then
		return redis.call('SMEMBERS', index)
	end
	local names = {}
	for name in pairs(setOf(member.capabilities)) do
		names[#names + 1] = name
	end
	if 2 ^ #names > MOST_SETS then
		return redis.call('SRANDMEMBER', index, 1000)
	end
	table.sort(names)
	local subsets = {''}
	for _, name in ipairs(names) do
		for at = 1, #subsets do
			subsets[#subsets + 1] = subsets[at] == '' and name or subsets[at] .. '+' .. name
		end
	end
	return subsets
end

--- Adds the best entry of a priority set, if it has one.
local function look(found, queue)
	local head = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
	if not head[1] then
		return nil
	end
	local entry = {queue = queue, id = head[1], score = tonumber(head[2]), index = 0}
	found[#found + 1] = entry
	return entry
end

--- The priority sets that an agent draws from, each with its best entry: {queue, id, score, index}; at most 65.
local function heads(member)
	local found = {}
	local own = look(found, key('tasks:priority:@' .. member.id))
	--- A human's assignment to this agent comes first.
	if own then
		own.score = -math.huge
		own.isOwn = true
	end
	local role = key('tasks:priority:' .. member.role)
	if member.capabilities == '' then
		look(found, role)
		return found
	end
	local capabilities = setOf(member.capabilities)
	for _, needs in ipairs(needsFor(member)) do
		if #found > MOST_SETS then
			break
		end
		if needs == '' or covers(capabilities, needs) then
			look(found, needs == '' and role or role .. ':' .. needs)
		end
	end
	return found
end

local function least(found)
	local best = nil
	for _, head in ipairs(found) do
		if head.id and (not best or head.score < best.score) then
			best = head
		end
	end
	return best
end

local function step(head)
	head.index = head.index + 1
	local entry = redis.call('ZRANGE', head.queue, head.index, head.index, 'WITHSCORES')
	head.id = entry[1]
	if entry[1] and not head.isOwn then
		head.score = tonumber(entry[2])
	end
end

return {coversAll = coversAll, heads = heads, least = least, step = step}
