--- read-keys: keys of a namespace with all that they hold, for a move.
--- Guarantees: reads only. What lives by itself stays: heartbeats, panes, the rooms of the team and their leader, waiting agents, and the answers kept for
--- repeated writes.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 names... without the namespace
---
--- Replies: as one JSON text, an empty list as {}: {name, type, ttl ms ('-1' for none), {values}}, ... A stream's values are its last id, how many
--- entries it ever had, the last deleted id, then each entry's id and its fields as JSON.
---
--- flags: no-writes

local names = fieldsFrom(2)

local STAYS = {'^heartbeat:', '^panes:', '^ops:', '^leader$', '^rooms:', '^waiting', '^calls$', '^beats', '^serving$', '^arriving:'}
local function stays(name)
	for _, pattern in ipairs(STAYS) do
		if string.find(name, pattern) then
			return true
		end
	end
	return false
end

local READ = {
	string = function(name)
		return {redis.call('GET', name)}
	end,
	hash = function(name)
		return redis.call('HGETALL', name)
	end,
	list = function(name)
		return redis.call('LRANGE', name, 0, -1)
	end,
	set = function(name)
		return redis.call('SMEMBERS', name)
	end,
	zset = function(name)
		return redis.call('ZRANGE', name, 0, -1, 'WITHSCORES')
	end,
	stream = function(name)
		local info = redis.call('XINFO', 'STREAM', name)
		local values = {valueIn(info, 'last-generated-id'), digits(valueIn(info, 'entries-added')), valueIn(info, 'max-deleted-entry-id')}
		for _, entry in ipairs(redis.call('XRANGE', name, '-', '+')) do
			values[#values + 1] = entry[1]
			values[#values + 1] = cjson.encode(entry[2])
		end
		return values
	end,
}

local rows = {}
for _, name in ipairs(names) do
	local kind = not stays(name) and redis.call('TYPE', key(name)).ok
	if READ[kind] then
		rows[#rows + 1] = {name, kind, digits(redis.call('PTTL', key(name))), READ[kind](key(name))}
	end
end
return cjson.encode(rows)
