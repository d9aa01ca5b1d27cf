--- lock: takes a named lock, renews it for the same owner and token, or joins the wait queue.
--- Guarantees: one holder among locks that exclude each other, also against an external SET NX EX; it expires by itself. A path, and a
--- place in the queue, need the current token of the owner's task. First come, first served; a wait that would close a cycle is refused at
--- once. A holder whose lock a human released gets 'stale' once, before it can ask again. An external lock that is found is shown from then
--- on.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 name      repository:<branch> or path:<glob>
---   4 owner
---   5 token
---   6 ttlMs     from the grant on
---   7 waitMs    0: do not wait; asking again keeps the place and restarts the wait
---
--- Replies: 'ok' owner until fence | 'held' owner until (0: no expiry) name since waiting ('1': its owner waits for it too) | 'waiting'
--- position owner name since | 'deadlock' {agent, name it waits for, ...} | 'full' | 'stale' why ('superseded' or 'unlocked')
---
--- flags: allow-oom
--- uses: deadlock, lock-value, locks, once, overlap

local op = ARGV[2]
local name = ARGV[3]
local owner = ARGV[4]
local token = ARGV[5]
local ttlMs = tonumber(ARGV[6])
local waitMs = tonumber(ARGV[7])

local answered = once.answered(op)
if answered then
	return answered
end

local isPath = string.sub(name, 1, 5) == 'path:'
if (isPath or waitMs > 0) and not locks.isCurrent(owner, token) then
	return {'stale', 'superseded'}
end
if token ~= '' and redis.call('HDEL', key('locks:lost'), token .. ' ' .. name) == 1 then
	return once.remember('stale', 'unlocked')
end
local asker = {owner = owner, token = token, name = name}
local mine = token == '' and owner or owner .. ' ' .. token
--- Expired locks go to waiters first.
local freed = {}
local held, ended = overlap.locksOver(name)
for _, over in ipairs(ended) do
	local shown = redis.call('HGET', key('locks:owner'), over)
	if shown then
		locks.drop(over, shown, 'lock_released')
		freed[#freed + 1] = over
	end
end
if #freed > 0 then
	locks.grant(freed)
end

local till = digits(now + ttlMs)
if lockValue.of(name) == mine then
	local fence = redis.call('HGET', key('locks:fence'), name) or ''
	--- Asking again right after the grant changes and records nothing.
	if math.abs(lockValue.untilOf(name) - now - ttlMs) < 1000 then
		return {'ok', owner, digits(lockValue.untilOf(name)), fence}
	end
	redis.call('SET', key('locks:' .. name), mine, 'PX', ttlMs)
	locks.show(name, owner, now + ttlMs, fence)
	return once.remember('ok', owner, till, fence)
end

local member = owner .. ' ' .. token .. ' ' .. name
local ahead, isWaiting = {}, false
for _, waiter in ipairs(locks.waitersInOrder()) do
	if waiter.member == member then
		isWaiting = true
		break
	end
	ahead[#ahead + 1] = waiter
end
local blockers = locks.blockersOf(asker, ahead)
local first = blockers[1]
if not first then
	if isPath and redis.call('SCARD', key('locks:paths')) >= locks.MOST_PATHS then
		return {'full'}
	end
	locks.leaveQueue(asker, '')
	return once.remember('ok', owner, till, locks.take(name, owner, token, ttlMs))
end

for _, met in ipairs(held) do
	if met.value ~= mine and redis.call('HGET', key('locks:owner'), met.name) ~= lockValue.ownerIn(met.value) then
		locks.show(met.name, lockValue.ownerIn(met.value), lockValue.untilOf(met.name), '')
	end
end
local since = '0'
if first.isWaiter then
	since = string.match(redis.call('HGET', key('locks:asked'), first.member) or '', '^%d+') or '0'
else
	since = redis.call('HGET', key('locks:takenAt'), first.name) or '0'
end
if waitMs <= 0 then
	if locks.leaveQueue(asker, 'it stopped waiting') then
		locks.grant({name})
	end
	return {'held', first.owner, digits(first.isWaiter and 0 or lockValue.untilOf(first.name)), first.name, since, first.isWaiter and '1' or '0'}
end
local ring = deadlock.ringFrom(asker, blockers)
if ring then
	if locks.leaveQueue(asker, 'deadlock') then
		locks.grant({name})
	end
	return {'deadlock', unpack(ring)}
end
if not isWaiting and redis.call('ZCARD', key('locks:waiters')) >= locks.MOST_WAITERS then
	return {'full'}
end
local position = 1
for _, blocker in ipairs(blockers) do
	position = position + (blocker.isWaiter and 1 or 0)
end
--- Asking again with about the same end changes and records nothing.
if isWaiting and math.abs(tonumber(redis.call('ZSCORE', key('locks:deadlines'), member) or '0') - now - waitMs) < 1000 then
	return {'waiting', digits(position), first.owner, first.name, since}
end
local asked = nowText
if isWaiting then
	asked = string.match(redis.call('HGET', key('locks:asked'), member) or '', '^%d+') or asked
else
	redis.call('ZADD', key('locks:waiters'), redis.call('INCR', key('locks:order')), member)
	redis.call('SADD', key('locks:held:' .. owner), name)
end
redis.call('HSET', key('locks:asked'), member, asked .. ' ' .. digits(ttlMs))
redis.call('ZADD', key('locks:deadlines'), now + waitMs, member)
local event = {l = {'asked', name, 'waiter', owner, 'since', asked, 'waitUntil', digits(now + waitMs)}}
emit('lock_waiting', '', owner, name, event, 'lock:' .. name .. ':waiting')
return once.remember('waiting', digits(position), first.owner, first.name, since)
