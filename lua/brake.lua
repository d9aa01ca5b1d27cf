--- brake: an account was refused for now (a rate limit): nothing is handed to its agents for a while.
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
--- uses: brakes, once

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

local brake = brakes.teamOrders().brakes[account]
if brake and brake.probe == '-' and brakes.isHolding(brake) then
	if retryMs > 0 and now + retryMs > brake.ends then
		brake.ends = now + retryMs
	else
		return once.remember('ok', digits(brake.ends))
	end
else
	local level = brake and brake.level or 0
	local before = redis.call('HGET', key('brakes:before'), account)
	local last, at = string.match(before or '', '^(%d+) (%d+)$')
	if not brake and last and now - tonumber(at) < brakes.MEMORY_MS then
		level = tonumber(last)
	end
	local wait = retryMs > 0 and retryMs or math.min(LONGEST_MS, FIRST_MS * 2 ^ math.min(level, 10))
	brake = {at = now, ends = now + wait, level = level + 1, probe = '-'}
end
brake.by, brake.reason = agent, reason
emit('account_braked', '', agent, account .. (reason == '' and '' or ': ') .. reason, brakes.write(account, brake, {}), 'account:' .. account .. ':braked')
return once.remember('ok', digits(brake.ends))
