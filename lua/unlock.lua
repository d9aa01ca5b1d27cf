--- unlock: releases a lock, or leaves its wait queue.
--- Guarantees: only under its own token, or by a human's order (no token), which drops it whoever holds it: then the fencing number grows,
--- and its holder is informed by mail and by 'stale' at its next use of this lock. The lock of a leased task is its lease and only ends
--- with it. Freed locks are granted to waiters in the same step.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 name
---   4 token     '' for a human's order
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- flags: allow-oom
--- uses: freed-paths, lock-value, locks, mail, once

local op = ARGV[2]
local name = ARGV[3]
local token = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local holder = lockValue.of(name)
if token ~= '' and not (holder and lockValue.tokenIn(holder) == token) then
	for _, waiter in ipairs(locks.waitersInOrder()) do
		if waiter.token == token and waiter.name == name then
			locks.leaveQueue(waiter, 'it stopped waiting')
			locks.grant({name})
			return once.remember('ok')
		end
	end
	if redis.call('HDEL', key('locks:lost'), token .. ' ' .. name) == 1 then
		return once.remember('stale')
	end
	return {holder and 'stale' or 'gone'}
end
if not holder then
	return {'gone'}
end
local leased = string.match(name, '^task:(.+)$')
if leased and lockValue.tokenIn(holder) ~= '' and softly('HGET', taskKey(leased), 'token') == lockValue.tokenIn(holder) then
	return {'stale'}
end
local owner = lockValue.ownerIn(holder)
redis.call('DEL', key('locks:' .. name))
if token == '' then
	redis.call('INCR', key('fencing'))
	locks.drop(name, owner, 'lock_forced')
	if lockValue.tokenIn(holder) ~= '' and locks.isCurrent(owner, lockValue.tokenIn(holder)) then
		redis.call('HSET', key('locks:lost'), lockValue.tokenIn(holder) .. ' ' .. name, nowText)
		redis.call('SADD', key('locks:held:' .. owner), name)
		mail.send('', owner, '', 'Your lock ' .. name .. ' was released by a human. Stop changing what it covers; lock it again if you still need it.')
	end
else
	locks.drop(name, owner, 'lock_released')
end
locks.grant({name})
freedPaths.serve()
return once.remember('ok')
