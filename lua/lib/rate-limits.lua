--- Brakes: agents that share the limits of one account wait together.
--- Guarantees: a brake ends by itself, whoever is gone by then: at its end the first agent of the account goes ahead to try, and the others
--- follow when it was answered, or after a minute whatever became of it. By a clock that was set back it is over at once: the next refusal
--- begins it again.
--- A brake is a field of the control hash, `brake:<account>`: `at ends level by probe reason` with spaces. It holds from `at` to `ends`;
--- `probe` is who tries, `-` while nobody does, and `ends` is the end of the trial then.

--- So long the others wait for the answer to the first one, ms; so long a brake that has ended makes the next one longer.
local PROBE_MS = 60000
local MEMORY_MS = 600000

local function rateLimitIn(text)
	local at, ends, level, by, probe, reason = string.match(text, '^(%d+) (%d+) (%d+) (%S+) (%S+) (.*)$')
	return at and {at = tonumber(at), ends = tonumber(ends), level = tonumber(level), by = by, probe = probe, reason = reason} or nil
end

--- Orders to the whole team, read once a script. A budget that is used up holds what costs money, unless it only warns; tests and
--- merges go on.
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
		local budget = tonumber(control.budget or '0') or 0
		orders = {
			word = control.frozen == '1' and 'frozen' or control.paused == '1' and 'paused' or '',
			isDrained = control.drained == '1',
			isOver = budget > 0 and (tonumber(control.spent or '0') or 0) >= budget and control.atBudget ~= 'warn',
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

--- Whether an agent is handed nothing for now, since its account is told to wait.
local function isThrottled(member)
	local rateLimit = rateLimitOf(member.account)
	return rateLimit ~= nil and rateLimit.probe ~= member.id and isHolding(rateLimit)
end

--- Since when the agents of an account can come for something, as far as a brake kept them from it; 0 where none did lately. While one
--- tries for the others it is the moment at which that one could.
local function freeSince(account)
	local rateLimit = rateLimitOf(account)
	if rateLimit then
		return rateLimit.probe == '-' and rateLimit.ends or rateLimit.at
	end
	local at = account ~= '' and string.match(redis.call('HGET', key('rateLimits:before'), account) or '', '^%d+ (%d+)$')
	return tonumber(at or '0')
end

--- Writes a brake, and the same into an event's list.
local function write(account, rateLimit, event)
	local text = table.concat({digits(rateLimit.at), digits(rateLimit.ends), digits(rateLimit.level), rateLimit.by, rateLimit.probe, rateLimit.reason}, ' ')
	teamOrders().rateLimits[account] = rateLimit
	redis.call('HSET', key('control'), 'rateLimit:' .. account, text)
	return prefixed(event, 'c:', {'rateLimit:' .. account, text})
end

--- The first agent of an account that is given a task after its brake tries for the others.
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
