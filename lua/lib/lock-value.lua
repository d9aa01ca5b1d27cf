--- The value of a lock's key: holder, token and expiry.

--- The value; false if it expired or is no text.
local function of(name)
	return redis.call('MGET', key('locks:' .. name))[1]
end

--- Our values are owner, space and token; any other value is an external SET NX EX and counts too.
local function ownerIn(value)
	return string.sub(string.match(value, '^(%S+)') or '?', 1, 200)
end

local function tokenIn(value)
	return string.match(value, ' (%S+)$') or ''
end

--- Expiry in epoch ms; 0 if it never expires.
local function untilOf(name)
	local left = redis.call('PTTL', key('locks:' .. name))
	return left >= 0 and now + left or 0
end

return {of = of, ownerIn = ownerIn, tokenIn = tokenIn, untilOf = untilOf}
