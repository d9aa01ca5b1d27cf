--- What an agent could take next. Needs lib/base and lib/task.

local function setOf(capabilities)
	local set = {}
	for name in string.gmatch(capabilities, '[^,]+') do
		set[name] = true
	end
	return set
end

--- True where every name of `needs` (joined by +) is among the agent's capabilities.
local function covers(capabilities, needs)
	for name in string.gmatch(needs, '[^+]+') do
		if not capabilities[name] then
			return false
		end
	end
	return true
end

--- True where an agent can do the development that a task is at; its needs are of that stage alone.
local function coversAll(capabilities, task)
	return task.stage ~= 'develop' or task.needs == '' or covers(setOf(capabilities), (string.gsub(task.needs, ',', '+')))
end

--- The priority sets that an agent draws from, each with its best entry: {queue, id, score, index}. Sets found empty leave the index.
local function heads(member)
	local found = {}
	local role = member.role
	local capabilities = setOf(member.capabilities)
	local function look(queue, needs)
		local head = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
		if head[1] then
			found[#found + 1] = {queue = queue, id = head[1], score = tonumber(head[2]), index = 0}
		elseif needs then
			redis.call('SREM', key('tasks:sets:' .. role), needs)
		end
	end
	look(key('tasks:priority:@' .. member.id), nil)
	--- What a person gave to this agent comes before the rest.
	if found[1] then
		found[1].score = -math.huge
		found[1].isOwn = true
	end
	for _, needs in ipairs(redis.call('SMEMBERS', key('tasks:sets:' .. role))) do
		if needs == '' or covers(capabilities, needs) then
			look(key('tasks:priority:' .. role .. (needs == '' and '' or ':' .. needs)), needs)
		end
	end
	return found
end

--- The head with the least score.
local function least(found)
	local best = nil
	for _, head in ipairs(found) do
		if head.id and (not best or head.score < best.score) then
			best = head
		end
	end
	return best
end

--- Steps a head to the next entry of its set.
local function step(head)
	head.index = head.index + 1
	local entry = redis.call('ZRANGE', head.queue, head.index, head.index, 'WITHSCORES')
	head.id = entry[1]
	if entry[1] and not head.isOwn then
		head.score = tonumber(entry[2])
	end
end
