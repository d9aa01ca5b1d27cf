--- throttle: an account was rate-limited: its agents get no tasks for a while.
--- Guarantees: one wait per account, whoever is limited: a further refusal during it never extends it, unless it names a later end. Each
--- consecutive wait is twice the one before (30 s to 10 min), unless the refusal says how long; ten minutes without one reset that. Its
--- agents keep their leases. How it ends: lib/rate-limits.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 account
---   4 agent     that was limited
---   5 retryMs   the provider's delay, ms; 0 if unknown
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
