--- stage-keys: puts aside a part of a namespace that is being moved here; nothing of it counts before `arrive`.
--- Guarantees: idempotent by nature (no op-id): staged again, it is the same. A namespace in use takes nothing. The first part of a move drops what an
--- interrupted one has left.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 id       of the move
---   3 isFirst  1 for its first part
---   4 rows     JSON, as `read-keys` gives them; values of a key may be in several parts
---
--- Replies: 'ok' | 'arrived' (this move is complete) | 'taken'
---
--- uses: moved

local id = ARGV[2]
local isFirst = ARGV[3]
local rows = ARGV[4]

if moved.arrived() == id then
	return {'arrived'}
end
if moved.isInUse() then
	return {'taken'}
end
if isFirst == '1' then
	moved.forgetStaged()
end

local WRITE = {
	string = function(name, values)
		redis.call('SET', name, values[1])
	end,
	hash = function(name, values)
		redis.call('HSET', name, unpack(values))
	end,
	list = function(name, values)
		redis.call('RPUSH', name, unpack(values))
	end,
	set = function(name, values)
		redis.call('SADD', name, unpack(values))
	end,
	zset = function(name, values)
		for index = 1, #values, 2 do
			redis.call('ZADD', name, values[index + 1], values[index])
		end
	end,
	stream = function(name, values)
		for index = 4, #values, 2 do
			redis.call('XADD', name, values[index], unpack(cjson.decode(values[index + 1])))
		end
		--- Positions count what was trimmed long ago too. With the last part: no entry is added below the last id.
		if values[1] ~= '' then
			redis.call('XSETID', name, values[1], 'ENTRIESADDED', values[2], 'MAXDELETEDID', values[3])
		end
	end,
}

for _, row in ipairs(cjson.decode(rows)) do
	local name = moved.stagedKey(row[1])
	WRITE[row[2]](name, row[4])
	if tonumber(row[3]) > 0 then
		redis.call('PEXPIRE', name, row[3])
	end
	redis.call('SADD', key('arriving:names'), row[1])
end
return {'ok'}
