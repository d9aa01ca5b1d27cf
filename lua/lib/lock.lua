--- Locks on names other than tasks. Needs lib/base.

--- A lock's value is its owner, ours followed by a space and a token; an outsider's plain SET NX EX counts the same.
local function ownerIn(value)
	return string.match(value, '^(%S+)') or value
end

local function tokenIn(value)
	return string.match(value, ' (%S+)$') or ''
end

--- Epoch ms when the lock's key ends; 0 where it never does.
local function untilOf(name)
	local left = redis.call('PTTL', key('locks:' .. name))
	return left >= 0 and now + left or 0
end

--- Writes into index and record who holds a lock now.
local function showLock(name, owner, till, text)
	local isNew = redis.call('HGET', key('locks:owner'), name) ~= owner
	redis.call('ZADD', key('locks:index'), till, name)
	redis.call('HSET', key('locks:owner'), name, owner)
	local id = emit('lock_taken', '', owner, text, {'l:name', name, 'l:owner', owner, 'l:until', digits(till)}, 'lock:' .. name .. ':taken')
	if isNew then
		redis.call('HSET', key('locks:takenAt'), name, string.match(id, '^%d+'))
	end
end

--- Takes a lock out of index and record.
local function dropLock(name, owner, text)
	redis.call('ZREM', key('locks:index'), name)
	redis.call('HDEL', key('locks:owner'), name)
	redis.call('HDEL', key('locks:takenAt'), name)
	emit('lock_released', '', owner, text, {'l:name', name, 'l:owner', '', 'l:until', '0'}, 'lock:' .. name .. ':released')
end

--- Gives back every lock that was taken under a token: they end with its attempt, however that ends.
local function dropLocksOf(owner, token)
	local known = redis.call('HGETALL', key('locks:owner'))
	for index = 1, #known, 2 do
		local name = known[index]
		if known[index + 1] == owner and redis.call('GET', key('locks:' .. name)) == owner .. ' ' .. token then
			redis.call('DEL', key('locks:' .. name))
			dropLock(name, owner, name)
		end
	end
end
