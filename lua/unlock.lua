--- unlock: gives a lock back.
--- Guarantees: only its own token, or a person's order (no token), which drops it whoever holds it. The lock of a task that is leased
--- here is its lease and goes only with it.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 name
---   4 token     '' for a person's order
---
--- Replies: 'ok' | 'stale' | 'gone'

--- include: lib/base
local op = ARGV[2]
local name = ARGV[3]
local token = ARGV[4]
--- include: lib/once
--- include: lib/lock

local holder = redis.call('GET', key('locks:' .. name))
if not holder then
	return {'gone'}
end
if token ~= '' and tokenIn(holder) ~= token then
	return {'stale'}
end
local leased = string.match(name, '^task:(.+)$')
if leased and tokenIn(holder) ~= '' and redis.call('HGET', taskKey(leased), 'token') == tokenIn(holder) then
	return {'stale'}
end
redis.call('DEL', key('locks:' .. name))
dropLock(name, ownerIn(holder), name)
return remember('ok')
