--- A wall clock that was set back.

--- Smaller steps are normal clock corrections, ms; also the interval between two time checks.
local STEP_MS = 2000

--- Moves deadlines of the old clock by the step: leases, delayed tasks, locks and waiters, which would last longer by as much. So a dead
--- room's tasks and locks, or a retry, are not kept for an hour; live ones renew anyway. A step forward needs nothing: expired leases are
--- judged by their heartbeats. At most 1000 of each.
local function look()
	local last = tonumber(redis.call('GET', key('clock')) or '0') or 0
	if now >= last and now - last < STEP_MS then
		return
	end
	redis.call('SET', key('clock'), nowText)
	local step = last - now
	if step < STEP_MS then
		return
	end
	local function shorten(lock)
		local left = redis.call('PTTL', lock)
		if left > 0 then
			redis.call('PEXPIRE', lock, math.max(1, left - step))
		end
	end
	--- Each deadline index, and the locks of its members.
	for _, pair in ipairs({{'leases', 'locks:task:'}, {'locks:index', 'locks:'}, {'tasks:delayed'}, {'locks:deadlines'}}) do
		local name, locks = pair[1], pair[2]
		local entries = redis.call('ZRANGE', key(name), 0, 999, 'WITHSCORES')
		for at = 1, #entries, 2 do
			local due = tonumber(entries[at + 1])
			if due > now then
				redis.call('ZADD', key(name), 'XX', digits(math.max(now, due - step)), entries[at])
			end
			if locks then
				shorten(key(locks .. entries[at]))
			end
		end
	end
end

return {look = look}
