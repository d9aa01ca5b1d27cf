--- lock: takes a named lock, or renews it for the same owner and token.
--- Guarantees: one holder, outsiders with plain SET NX EX included; it ends by itself. An outsider's lock that is met is shown from then on.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 name      repository:<branch> or path:<glob>
---   4 owner
---   5 token
---   6 ttlMs
---
--- Replies: 'ok' owner until | 'held' owner until (0: it never ends by itself)

--- include: lib/base
local op = ARGV[2]
local name = ARGV[3]
local owner = ARGV[4]
local token = ARGV[5]
local ttlMs = tonumber(ARGV[6])
--- include: lib/once
--- include: lib/lock

local lock = key('locks:' .. name)
local value = token == '' and owner or owner .. ' ' .. token
local holder = redis.call('GET', lock)
if holder and holder ~= value then
	local till = untilOf(name)
	if redis.call('HGET', key('locks:owner'), name) ~= ownerIn(holder) then
		showLock(name, ownerIn(holder), till, name)
	end
	return {'held', ownerIn(holder), digits(till)}
end
redis.call('SET', lock, value, 'PX', ttlMs)
showLock(name, owner, now + ttlMs, name)
return remember('ok', owner, digits(now + ttlMs))
