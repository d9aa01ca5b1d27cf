--- What the key of a lock says: who holds it, under which token, and until when.

--- What a lock's key holds; false where it ended, or is something else than a text.
local function of(name)
	return redis.call('MGET', key('locks:' .. name))[1]
end

--- A lock's value is its owner, ours followed by a space and a token; an outsider's plain SET NX EX counts the same, whatever it says.
local function ownerIn(value)
	return string.sub(string.match(value, '^(%S+)') or '?', 1, 200)
end

local function tokenIn(value)
	return string.match(value, ' (%S+)$') or ''
end

--- Epoch ms when the lock's key ends; 0 where it never does.
local function untilOf(name)
	local left = redis.call('PTTL', key('locks:' .. name))
	return left >= 0 and now + left or 0
end

return {of = of, ownerIn = ownerIn, tokenIn = tokenIn, untilOf = untilOf}
