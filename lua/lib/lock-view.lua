--- Locks as a snapshot shows them.

--- {name, owner, until, takenAt, ...} of the locks that end first, at most 600; then {name, agent, since, waitUntil, ...} of waiters, in
--- queue order.
local function rows()
	local locks, waiters = {}, {}
	local index = redis.call('ZRANGE', key('locks:index'), 0, 599, 'WITHSCORES')
	for at = 1, #index, 2 do
		local name = index[at]
		local owner = redis.call('HGET', key('locks:owner'), name)
		if owner then
			for _, value in ipairs({name, owner, digits(tonumber(index[at + 1])), redis.call('HGET', key('locks:takenAt'), name) or '0'}) do
				locks[#locks + 1] = value
			end
		end
	end
	for _, member in ipairs(redis.call('ZRANGE', key('locks:waiters'), 0, -1)) do
		local agent, name = string.match(member, '^(%S+) %S+ (.*)$')
		local since = string.match(redis.call('HGET', key('locks:asked'), member) or '', '^%d+') or '0'
		for _, value in ipairs({name, agent, since, digits(tonumber(redis.call('ZSCORE', key('locks:deadlines'), member) or '0'))}) do
			waiters[#waiters + 1] = value
		end
	end
	return {locks, waiters}
end

return {rows = rows}
