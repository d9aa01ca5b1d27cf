--- The tasks that a room keeps in memory, bounded whatever the queue.

local HEADS = 100
local NEWEST = 100

--- Number of tasks per state. Indexed states are counted by their index; ready is the rest of the unfinished.
local function counts()
	local kept = redis.call('HMGET', key('tasks:counts'), 'blocked', 'cancelled', 'planned')
	local blocked = tonumber(kept[1] or '0') or 0
	local cancelled = tonumber(kept[2] or '0') or 0
	local planned = tonumber(kept[3] or '0') or 0
	local leased = redis.call('ZCARD', key('leases'))
	local delayed = redis.call('ZCARD', key('tasks:delayed'))
	local ready = redis.call('ZCARD', key('tasks:live')) - leased - delayed - blocked
	return {
		'ready', digits(ready), 'delayed', digits(delayed), 'leased', digits(leased), 'blocked', digits(blocked),
		'merged', digits(redis.call('ZCARD', key('tasks:done')) - cancelled - planned), 'failed', digits(redis.call('ZCARD', key('tasks:failed'))),
		'cancelled', digits(cancelled), 'planned', digits(planned),
	}
end

--- The tasks with their fields, each once: {id, {fields}, ...}. `roles` are the team's, as a set; others are read too.
local function read(roles)
	local isKnown = {}
	local ids = {}
	local function take(found)
		for _, id in ipairs(found) do
			if not isKnown[id] then
				isKnown[id] = true
				ids[#ids + 1] = id
			end
		end
	end
	take(redis.call('ZRANGE', key('leases'), 0, 1999))
	for _, role in ipairs(redis.call('SRANDMEMBER', key('tasks:roles'), 32)) do
		roles[role] = true
	end
	for role in pairs(roles) do
		local sets = redis.call('SRANDMEMBER', key('tasks:sets:' .. role), 64)
		local share = math.max(4, math.floor(HEADS / math.max(1, #sets)))
		for _, needs in ipairs(sets) do
			take(redis.call('ZRANGE', key('tasks:priority:' .. role .. (needs == '' and '' or ':' .. needs)), 0, share - 1))
		end
	end
	for _, agent in ipairs(redis.call('SRANDMEMBER', key('tasks:assigned'), HEADS)) do
		take(redis.call('ZRANGE', key('tasks:priority:@' .. agent), 0, 3))
	end
	take(redis.call('ZRANGE', key('tasks:delayed'), 0, HEADS - 1))
	take(redis.call('ZRANGE', key('tasks:asking'), 0, HEADS - 1))
	take(redis.call('ZRANGE', key('tasks:live'), 0, HEADS - 1))
	take(redis.call('ZREVRANGE', key('tasks:done'), 0, NEWEST - 1))
	take(redis.call('ZREVRANGE', key('tasks:failed'), 0, NEWEST - 1))
	local tasks = {}
	for _, id in ipairs(ids) do
		--- A key that an external worker overwrote is no task, and no reason to show nothing.
		local fields = softly('HGETALL', taskKey(id))
		if fields then
			tasks[#tasks + 1] = id
			tasks[#tasks + 1] = fields
		end
	end
	return tasks
end

return {counts = counts, read = read}
