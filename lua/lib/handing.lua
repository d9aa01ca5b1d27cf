--- Assigns tasks that become ready to waiting agents.
--- Guarantees: a waiting agent found nothing when it asked, so a task is assigned in the very step that makes it ready: no agent has to ask
--- again. What time alone makes possible (the end of a rate limit or a reservation) is assigned by the next sweep.
--- Run when first used: most steps need none of it.
--- uses: agents, claimable, eligible, lease, rate-limits, tasks, waiting

--- What a waiting agent asked for, if it can still be assigned; else it leaves the line. Skips agents of a room without a heartbeat for a
--- whole lease: a task for a dead room would be lost that long, and count as a failure. A slow room is told by its next heartbeat and asks
--- again.
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

--- Assigns a ready task to the agent that waits longest and can take it; first to its interrupted agent, or to the author that continues
--- its attempt. Asks at most 100.
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

--- Asks at most 100 waiting agents, each time the next hundred: an order was lifted, a lock ended, or none of those asked could do it.
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
