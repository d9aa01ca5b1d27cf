--- clear-rate-limit: a person lifts the wait of an account.
--- Guarantees: its agents who wait are handed tasks in the same step, all of them; the next refusal begins with the shortest wait.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 account
---
--- Replies: 'ok' | 'gone' (it does not wait)
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
rateLimitEnds.lift(account, '', 'lifted by you')
redis.call('HSET', key('rateLimits:before'), account, '0 ' .. digits(now))
handing.serve()
return once.remember('ok')
