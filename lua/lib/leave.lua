--- Takes a task out of its place, and off its agent.
--- uses: agents, locks, queues, tasks

--- Fields that end a lease: the old token is superseded in the same step.
local function unowned(fields)
	put(fields, 'owner', '')
	put(fields, 'token', '')
	put(fields, 'leaseUntil', '0')
end

--- Statuses that end with the task; crashed, unreachable, stopped and paused agents keep theirs.
local BUSY_STATUSES = {
	working = true, ['needs-input'] = true, stalled = true, starting = true, waiting = true, finished = true, unknown = true,
	retrying = true, ['rate-limited'] = true, ['out-of-context'] = true,
}

--- Takes the task off the agent that holds it with this very token. Returns the agent, or nil if it did not: also if the token is that of
--- another task, whose merge group this one joined.
local function freeAgent(id, task, token, event)
	if id == '' or token == '' then
		return nil
	end
	local member = agents.read(id)
	if not member or member.token ~= token or member.task ~= task then
		return nil
	end
	local fields = {'task', '', 'stage', '', 'token', '', 'question', '', 'choices', '', 'questionId', '', 'detail', '', 'evidence', '', 'doing', ''}
	if BUSY_STATUSES[member.status] then
		put(fields, 'status', 'idle')
		put(fields, 'statusAt', nowText)
	end
	agents.write(member, fields, event)
	return member
end

--- Takes a task out of the place of its state (not out of tasks:live). A lease's lock only goes if it is still the lease's own, and with it
--- all named locks under its token; those of a merge group end with the head's. Returns the freed agent, if any.
local function leave(task, event)
	if task.state == 'ready' then
		queues.leave(task)
	elseif task.state == 'delayed' then
		redis.call('ZREM', key('tasks:delayed'), task.id)
	elseif task.state == 'blocked' and task.decision ~= '' then
		redis.call('ZREM', key('tasks:asking'), task.id)
	elseif task.state == 'leased' then
		redis.call('ZREM', key('leases'), task.id)
		local lock = key('locks:task:' .. task.id)
		local holder = softly('GET', lock)
		if holder == task.owner .. ' ' .. task.token then
			redis.call('DEL', lock)
		elseif tasks.isExternal(task.token) then
			--- An external lock has no token. It ends with its lease: the next stage must not wait for its expiry.
			if holder and not string.find(holder, ' ', 1, true) then
				redis.call('DEL', lock)
			end
			redis.call('HDEL', taskKey(task.id), 'status')
			redis.call('ZREM', key('tasks:external'), task.id)
			queues.takeFromIntake(task)
		end
		if redis.call('EXISTS', key('locks:held:' .. task.owner)) == 1 then
			local held = redis.call('HMGET', agentKey(task.owner), 'task', 'token')
			if held[2] ~= task.token or held[1] == task.id then
				locks.dropAll(task.owner, task.token)
			end
		end
		return freeAgent(task.owner, task.id, task.token, event)
	end
	return nil
end

return {unowned = unowned, agent = freeAgent, task = leave}
