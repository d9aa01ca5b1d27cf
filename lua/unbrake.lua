--- unbrake: a person lifts the wait of an account.
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
--- uses: brake, once, waiting

local op = ARGV[2]
local account = ARGV[3]

local answered = answered(op)
if answered then
	return answered
end

if not teamOrders().brakes[account] then
	return {'gone'}
end
endBrake(account, '', 'lifted by you')
redis.call('HSET', key('brakes:before'), account, '0 ' .. digits(now))
serveWaiting()
return remember('ok')
