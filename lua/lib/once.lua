--- One effect for one op-id. Needs `op` and lib/base.
--- Guarantees: a script that changed something has stored its answer in the same step; sent again within ten minutes
--- (resends come within seconds), it changes nothing and gives that first answer. One hash an hour, no key with a TTL each.
--- Answers without an effect are not stored: asking again is harmless and costs no write.

local hour = math.floor(now / 3600000)
local answers = key('ops:' .. digits(hour))
local first = redis.call('HGET', answers, op)
if not first and now % 3600000 < 600000 then
	first = redis.call('HGET', key('ops:' .. digits(hour - 1)), op)
end
if first then
	return cmsgpack.unpack(first)
end

--- Stores and returns the answer; kept 25 hours.
local function remember(...)
	local answer = {...}
	redis.call('HSET', answers, op, cmsgpack.pack(answer))
	redis.call('EXPIRE', answers, 90000, 'NX')
	return answer
end
