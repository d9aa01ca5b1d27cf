--- clear-rate-limit: a human ends an account's rate limit.
--- Guarantees: all its waiting agents get tasks in the same step; the next rate limit starts with the shortest wait.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 account
---
--- Replies: 'ok' | 'gone' (no rate limit)
---
--- uses: handing, once, rate-limit-ends, rate-limits

local op = ARGV[2]
local account = ARGV[3]

local answered = once.answered(op)
if answered then
	return answered
end

if not rateLimits.teamOrders().rateLimits[account] then
	return {'gone'}
end
rateLimitEnds.lift(account, '', 'cleared by you')
redis.call('HSET', key('rateLimits:before'), account, '0 ' .. nowText)
handing.serve()
return once.remember('ok')
