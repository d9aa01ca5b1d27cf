--- A namespace that comes from another Redis: staged under other names first.
--- Guarantees: until it has arrived as a whole nothing of it is seen under its own names.

local function stagedKey(name)
	return key('arriving:key:' .. name)
end

--- The id of the move that has arrived here last; '' for none.
local function arrived()
	return redis.call('HGET', key('meta'), 'arrived') or ''
end

--- Whether somebody works here already: a task, an event, or a room that has joined.
local function isInUse()
	return redis.call('EXISTS', key('events'), key('tasks:live'), key('tasks:done'), key('tasks:failed'), key('rooms:joined')) > 0
end

local function forgetStaged()
	for _, name in ipairs(redis.call('SMEMBERS', key('arriving:names'))) do
		redis.call('UNLINK', stagedKey(name))
	end
	redis.call('DEL', key('arriving:names'))
end

return {stagedKey = stagedKey, arrived = arrived, isInUse = isInUse, forgetStaged = forgetStaged}
