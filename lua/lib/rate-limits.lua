--- Rate limits: agents of one account wait together.
--- Guarantees: a rate limit always ends: after it the account's first agent tries, and the others follow when it succeeds, or after a
--- minute in any case. With a clock that was set back it ends at once: the next refusal starts it again. It is a field of the control hash,
--- `rateLimit:<account>`: `at ends level by probe reason` with spaces. It holds from `at` to `ends`; `probe` is the trying agent, `-` for
--- none, and then `ends` is the end of the trial.

--- How long the others wait for the first one's result, ms; and how long an ended rate limit makes the next one longer.
local PROBE_MS = 60000
local MEMORY_MS = 600000

local function rateLimitIn(text)
	local at, ends, level, by, probe, reason = string.match(text, '^(%d+) (%d+) (%d+) (%S+) (%S+) (.*)$')
	return at and {at = tonumber(at), ends = tonumber(ends), level = tonumber(level), by = by, probe = probe, reason = reason} or nil
end

--- Orders to the whole team, read once per script. A used-up budget blocks paid work, unless it only warns; tests and merges continue.
local orders = nil
local function teamOrders()
	if not orders then
		local control, rateLimits = {}, {}
		local flat = redis.call('HGETALL', key('control'))
		for index = 1, #flat, 2 do
			local account = string.match(flat[index], '^rateLimit:(.+)$')
			if account then
				rateLimits[account] = rateLimitIn(flat[index + 1])
			else
				control[flat[index]] = flat[index + 1]
			end
		end
		local function isUsedUp(limit, used)
			local most = tonumber(control[limit] or '0') or 0
			return most > 0 and (tonumber(control[used] or '0') or 0) >= most
		end
		orders = {
			word = control.frozen == '1' and 'frozen' or control.paused == '1' and 'paused' or '',
			isDrained = control.drained == '1',
			isOver = (isUsedUp('budget', 'spent') or isUsedUp('tokenBudget', 'tokens')) and control.atBudget ~= 'warn',
			rateLimits = rateLimits,
		}
	end
	return orders
end

local function rateLimitOf(account)
	return account ~= '' and teamOrders().rateLimits[account] or nil
end

local function isHolding(rateLimit)
	return now >= rateLimit.at and now < rateLimit.ends
end

--- Whether an agent gets no task because its account is rate-limited.
local function isThrottled(member)
	local rateLimit = rateLimitOf(member.account)
	return rateLimit ~= nil and rateLimit.probe ~= member.id and isHolding(rateLimit)
end

--- When the account's agents could come, as far as a rate limit blocked them; 0 if none did recently. During a trial, the moment of the
--- trying agent.
local function freeSince(account)
	local rateLimit = rateLimitOf(account)
	if rateLimit then
		return rateLimit.probe == '-' and rateLimit.ends or rateLimit.at
	end
	local at = account ~= '' and string.match(redis.call('HGET', key('rateLimits:before'), account) or '', '^%d+ (%d+)$')
	return tonumber(at or '0')
end

--- Writes a rate limit, and the same into an event's list.
local function write(account, rateLimit, event)
	local text = table.concat({digits(rateLimit.at), digits(rateLimit.ends), digits(rateLimit.level), rateLimit.by, rateLimit.probe, rateLimit.reason}, ' ')
	teamOrders().rateLimits[account] = rateLimit
	redis.call('HSET', key('control'), 'rateLimit:' .. account, text)
	return tell(event, 'c', {'rateLimit:' .. account, text})
end

--- The account's first agent that gets a task after its rate limit tries for the others.
local function beginProbe(member, event)
	local rateLimit = rateLimitOf(member.account)
	if rateLimit and rateLimit.probe == '-' then
		rateLimit.at, rateLimit.ends, rateLimit.probe = now, now + PROBE_MS, member.id
		write(member.account, rateLimit, event)
	end
end

return {
	MEMORY_MS = MEMORY_MS, teamOrders = teamOrders, of = rateLimitOf, isHolding = isHolding, isThrottled = isThrottled, freeSince = freeSince, write = write,
	beginProbe = beginProbe,
}
