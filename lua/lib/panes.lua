--- Panes that are watched from other rooms of the team.
--- Guarantees: a watcher counts until its time ends by the server's clock; nothing is sent to anybody else.
--- uses: rooms

local function watchersKey(agent)
	return key('panes:watchers:' .. agent)
end

local function typedKey(room)
	return key('panes:typed:' .. room)
end

--- Hints to one life of a room, and what it watches.
local function channelOf(room)
	return key('panes:' .. room)
end

--- The life of a room that the agent belongs to; nil where it has none that beats.
local function ownerOf(agent)
	local room = softly('HGET', agentKey(agent), 'room')
	return room and room ~= '' and rooms.beatOf(room) and room or nil
end

--- Lives of rooms that watch now.
local function watchersOf(agent)
	local watchers = watchersKey(agent)
	redis.call('ZREMRANGEBYSCORE', watchers, '-inf', nowText)
	return redis.call('ZRANGE', watchers, 0, -1)
end

return {watchersKey = watchersKey, typedKey = typedKey, channelOf = channelOf, ownerOf = ownerOf, watchersOf = watchersOf}
