--- throttle: an account was refused for now (a rate limit): nothing is handed to its agents for a while.
--- Guarantees: one wait for the whole account, whoever is refused: a second refusal during it makes it no longer, save where it names a
--- later end. Each wait in a row is twice as long as the one before (30 s to 10 min), save where the refusal says how long; ten minutes
--- without one begin anew. What its agents hold stays theirs. How it ends: lib/brakes.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 account
---   4 agent     who was refused
---   5 retryMs   how long it is told to wait, ms; 0 where it is not told
---   6 reason
---
--- Replies: 'ok' ends (epoch ms)
---
--- uses: once, rate-limits

local op = ARGV[2]
local account = ARGV[3]
local agent = ARGV[4]
local retryMs = tonumber(ARGV[5])
local reason = ARGV[6]

local answered = once.answered(op)
if answered then
	return answered
end

local FIRST_MS, LONGEST_MS = 30000, 600000

local rateLimit = rateLimits.teamOrders().rateLimits[account]
if rateLimit and rateLimit.probe == '-' and rateLimits.isHolding(rateLimit) then
	if retryMs > 0 and now + retryMs > rateLimit.ends then
		rateLimit.ends = now + retryMs
	else
		return once.remember('ok', digits(rateLimit.ends))
	end
else
	local level = rateLimit and rateLimit.level or 0
	local before = redis.call('HGET', key('rateLimits:before'), account)
	local last, at = string.match(before or '', '^(%d+) (%d+)$')
	if not rateLimit and last and now - tonumber(at) < rateLimits.MEMORY_MS then
		level = tonumber(last)
	end
	local wait = retryMs > 0 and retryMs or math.min(LONGEST_MS, FIRST_MS * 2 ^ math.min(level, 10))
	rateLimit = {at = now, ends = now + wait, level = level + 1, probe = '-'}
end
rateLimit.by, rateLimit.reason = agent, reason
emit('account_throttled', '', agent, account .. (reason == '' and '' or ': ') .. reason, rateLimits.write(account, rateLimit, {}), 'account:' .. account .. ':throttled')
return once.remember('ok', digits(rateLimit.ends))
