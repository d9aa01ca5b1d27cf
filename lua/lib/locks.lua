--- Locks on names other than tasks, and their wait queue.
--- Guarantees: locks that exclude each other never have different holders, unless an external SET made it so. First come, first served: no
--- one overtakes a waiter with an overlapping area. A freed lock is granted in the very step that frees it, and only to a token that is
--- still current.
--- Run when first used: most steps need none of it.
--- uses: freed-paths, lock-value, overlap

local MOST_PATHS = 500
local MOST_WAITERS = 200

--- Writes a lock's holder into index and event log; `fence` is '' for an external one.
local function show(name, owner, till, fence)
	local before = redis.call('HGET', key('locks:owner'), name)
	if before and before ~= owner then
		redis.call('SREM', key('locks:held:' .. before), name)
	end
	overlap.forget()
	redis.call('ZADD', key('locks:index'), till, name)
	redis.call('HSET', key('locks:owner'), name, owner)
	redis.call('HSET', key('locks:fence'), name, fence)
	if string.sub(name, 1, 5) == 'path:' then
		redis.call('SADD', key('locks:paths'), name)
	end
	local event = {l = {'name', name, 'owner', owner, 'until', digits(till), 'fence', fence}}
	local id = emit('lock_taken', '', owner, name, event, 'lock:' .. name .. ':taken')
	if before ~= owner then
		redis.call('HSET', key('locks:takenAt'), name, string.match(id, '^%d+'))
	end
end

--- Removes a lock from index and event log. `kind`: lock_released, or lock_forced by a human's order.
local function drop(name, owner, kind)
	if string.sub(name, 1, 5) == 'path:' then
		freedPaths.note()
	end
	redis.call('ZREM', key('locks:index'), name)
	redis.call('SREM', key('locks:paths'), name)
	redis.call('SREM', key('locks:held:' .. owner), name)
	for _, hash in ipairs({'locks:owner', 'locks:takenAt', 'locks:fence'}) do
		redis.call('HDEL', key(hash), name)
	end
	overlap.forget()
	emit(kind, '', owner, name, {l = {'name', name, 'owner', '', 'until', '0'}}, 'lock:' .. name .. ':released')
end

--- Takes a free lock under a token; every grant has its own growing number.
local function take(name, owner, token, ttlMs)
	local fence = digits(redis.call('INCR', key('fencing')))
	redis.call('SET', key('locks:' .. name), token == '' and owner or owner .. ' ' .. token, 'PX', ttlMs)
	if token ~= '' then
		redis.call('SADD', key('locks:held:' .. owner), name)
	end
	show(name, owner, now + ttlMs, fence)
	return fence
end

--- True if `token` is that of `owner`'s current task.
local function isCurrent(owner, token)
	local held = redis.call('HMGET', agentKey(owner), 'task', 'token')
	return token ~= '' and held[2] == token and softly('HGET', taskKey(held[1]), 'token') == token
end

--- Waiters in queue order: {member, owner, token, name}.
local function waitersInOrder()
	local waiters = {}
	for index, member in ipairs(redis.call('ZRANGE', key('locks:waiters'), 0, -1)) do
		local owner, token, name = string.match(member, '^(%S+) (%S+) (.*)$')
		waiters[index] = {member = member, owner = owner, token = token, name = name}
	end
	return waiters
end

--- What blocks `asker` ({owner, token, name}): {name, owner} of others' locks and of waiters `ahead`. A waiter that itself waits for the
--- asker does not count: it cannot be served before.
local function blockersOf(asker, ahead)
	local blockers = {}
	local mine = asker.owner .. (asker.token == '' and '' or ' ' .. asker.token)
	for _, held in ipairs((overlap.locksOver(asker.name))) do
		if held.value ~= mine then
			blockers[#blockers + 1] = {name = held.name, owner = lockValue.ownerIn(held.value)}
		end
	end
	local own = nil
	for _, waiter in ipairs(ahead) do
		if waiter.owner ~= asker.owner and overlap.excludes(asker.name, waiter.name) then
			own = own or redis.call('SMEMBERS', key('locks:held:' .. asker.owner))
			local waitsForAsker = false
			for _, name in ipairs(own) do
				waitsForAsker = waitsForAsker or overlap.excludes(name, waiter.name) and lockValue.of(name) == mine
			end
			if not waitsForAsker then
				blockers[#blockers + 1] = {name = waiter.name, owner = waiter.owner, member = waiter.member, isWaiter = true}
			end
		end
	end
	return blockers
end

--- Removes a waiter from the queue; `why` is '' if it got the lock. Returns false if it did not wait.
local function leaveQueue(waiter, why)
	local member = waiter.owner .. ' ' .. waiter.token .. ' ' .. waiter.name
	if redis.call('ZREM', key('locks:waiters'), member) == 0 then
		return false
	end
	redis.call('ZREM', key('locks:deadlines'), member)
	redis.call('HDEL', key('locks:asked'), member)
	if why ~= '' then
		local event = {l = {'asked', waiter.name, 'waiter', waiter.owner, 'waitUntil', '0'}}
		emit('lock_left', '', waiter.owner, waiter.name .. ': ' .. why, event, 'lock:' .. waiter.name .. ':left')
	end
	return true
end

--- Serves the queue in order, after the locks named in `freed` ended (nil: any may have). Waiters without a task or past their time leave.
local function grant(freed)
	local ahead = {}
	for _, waiter in ipairs(waitersInOrder()) do
		local isTouched = freed == nil
		for _, name in ipairs(freed or {}) do
			isTouched = isTouched or overlap.excludes(name, waiter.name)
		end
		local why = ''
		if isTouched and not isCurrent(waiter.owner, waiter.token) then
			why = 'its task was reassigned'
		elseif isTouched and tonumber(redis.call('ZSCORE', key('locks:deadlines'), waiter.member) or '0') <= now then
			why = 'its wait timed out'
		end
		if why ~= '' then
			leaveQueue(waiter, why)
			if freed then
				freed[#freed + 1] = waiter.name
			end
		elseif isTouched and redis.call('SCARD', key('locks:paths')) < MOST_PATHS and #blockersOf(waiter, ahead) == 0 then
			local _, ttlMs = string.match(redis.call('HGET', key('locks:asked'), waiter.member) or '', '^(%d+) (%d+)$')
			leaveQueue(waiter, '')
			take(waiter.name, waiter.owner, waiter.token, tonumber(ttlMs or '60000'))
		else
			ahead[#ahead + 1] = waiter
		end
	end
end

--- Releases every lock and waiting place under a token: they end with its attempt, however that ends.
local function dropAll(owner, token)
	local names = redis.call('SMEMBERS', key('locks:held:' .. owner))
	if #names == 0 then
		return
	end
	local freed = {}
	for _, name in ipairs(names) do
		redis.call('HDEL', key('locks:lost'), token .. ' ' .. name)
		local value = lockValue.of(name)
		if value == owner .. ' ' .. token then
			redis.call('DEL', key('locks:' .. name))
			drop(name, owner, 'lock_released')
			freed[#freed + 1] = name
		elseif not value or lockValue.ownerIn(value) ~= owner then
			redis.call('SREM', key('locks:held:' .. owner), name)
		end
		if leaveQueue({owner = owner, token = token, name = name}, 'its attempt ended') then
			freed[#freed + 1] = name
		end
	end
	if #freed > 0 then
		grant(freed)
	end
end

return {
	MOST_PATHS = MOST_PATHS, MOST_WAITERS = MOST_WAITERS, show = show, drop = drop, take = take, isCurrent = isCurrent,
	waitersInOrder = waitersInOrder, blockersOf = blockersOf, leaveQueue = leaveQueue, grant = grant, dropAll = dropAll,
}
