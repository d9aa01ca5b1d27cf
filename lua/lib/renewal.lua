--- Renewing a lease.
--- uses: tasks

--- Moves deadline and lock of a current token; writes no event (nobody waits for a renewal). A lapsed lock that an external worker took
--- stays its own: the token is the truth. Returns 'ok', 'stale' or 'gone'.
local function renew(id, token, leaseMs)
	local held = softly('HMGET', taskKey(id), 'state', 'token', 'owner') or {}
	local refused = tasks.refusedToken(held[1] and {state = held[1], token = held[2] or ''} or nil, token)
	if refused then
		return refused
	end
	local lock = key('locks:task:' .. id)
	local mine = (held[3] or '') .. ' ' .. token
	local holder = softly('GET', lock)
	if not holder or holder == mine then
		redis.call('SET', lock, mine, 'PX', leaseMs)
	end
	redis.call('ZADD', key('leases'), now + leaseMs, id)
	redis.call('HSET', taskKey(id), 'leaseUntil', digits(now + leaseMs))
	return 'ok'
end

return {renew = renew}
