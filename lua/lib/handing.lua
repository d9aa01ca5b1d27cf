--- Handing what becomes ready to agents that wait for a task.
--- Guarantees: whoever waits found nothing to take when it asked, so what becomes ready is given away in the very step that makes it ready: nobody has to
--- ask again. What time alone makes possible (a brake or a preference ends) is given away by the next sweep.
--- uses: agents, claimable, eligible, lease, rate-limits, tasks, waiting

--- What a waiting agent asked with, if it can still be given something; else it waits no longer. The agents of a room that has not beaten
--- for a whole lease are passed over: whatever a dead room were handed would be lost for that long, and count as a failure. A room that
--- lives, and was only slow, is told by its next beat and asks again.
local callers = {}
local function callOf(id, role)
	if callers[id] then
		return callers[id].member, callers[id].call
	end
	local asked = redis.call('HGET', key('calls'), id)
	local member = agents.read(id)
	if asked and member and member.token == '' and member.paused ~= '1' then
		local leaseMs, nonce, stages = string.match(asked, '^(%d+) (%S+) (%S*)$')
		local beat = tonumber(softly('GET', key('heartbeat:room:' .. member.room)) or '')
		if beat and now - beat <= tonumber(leaseMs) then
			callers[id] = {member = member, call = {leaseMs = tonumber(leaseMs), nonce = nonce, stages = stages}}
			return member, callers[id].call
		end
	end
	waiting.leave(id, role)
	return nil
end

--- Gives a task that has just become ready to the agent that waits longest and can take it; first the one that was cut off in it, or the author
--- where it goes on with its own attempt. At most 100 are asked.
local function give(task)
	if task.state ~= 'ready' or eligible.BY_NAME[task.stage] then
		return
	end
	local first = redis.call('ZRANGE', key('waiting:' .. task.role), 0, 99)
	if not first[1] or rateLimits.teamOrders().word ~= '' then
		return
	end
	local isReserved = task.assigned ~= '' and task.assignedRole == task.role
	local function try(id)
		if isReserved and id ~= task.assigned then
			return false
		end
		local member, call = callOf(id, task.role)
		if not member or rateLimits.isThrottled(member) or not string.find(',' .. call.stages .. ',', ',' .. task.stage .. ',', 1, true) then
			return false
		end
		if eligible.objection(task, id) then
			return false
		end
		if not isReserved and not claimable.coversAll(member.capabilities, task) or not lease.give(task, member, call) then
			return false
		end
		waiting.leave(id, task.role)
		callers[id] = nil
		return true
	end
	if tasks.HOMES[task.stage] and task.fresh ~= '1' or task.prefers ~= '' then
		for author in string.gmatch(task.prefers .. ',' .. task.author .. ',' .. task.authors, '[^,]+') do
			if redis.call('ZSCORE', key('waiting:' .. task.role), author) and try(author) then
				return
			end
		end
	end
	for _, id in ipairs(first) do
		if try(id) then
			return
		end
	end
end

--- Asks again for at most 100 who wait, each time for the next hundred: an order was lifted, a lock that kept a task from them has ended, or
--- nobody of those who were asked could do it.
local function serve()
	local count = redis.call('ZCARD', key('waiting'))
	if count == 0 or rateLimits.teamOrders().word ~= '' then
		return
	end
	local from = count > 100 and redis.call('INCRBY', key('serving'), 100) % count or 0
	for _, id in ipairs(redis.call('ZRANGE', key('waiting'), from, from + 99)) do
		local member, call = callOf(id, redis.call('HGET', agentKey(id), 'role') or '')
		if member and lease.take(member, call, true) then
			waiting.leave(id, member.role)
		end
	end
end

return {give = give, serve = serve}
