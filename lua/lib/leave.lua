--- Taking a task out of the place where it stands.
--- uses: agents, locks, queues, tasks

--- Takes a task out of the place where its state says it is (not out of tasks:live). A lease's lock goes only if it is still the lease's
--- own, and with it every named lock that was taken under its token; those of a token that other tasks were boarded with end with the head's.
--- Returns the agent that was freed by it, if there is one.
local function leave(task, event)
	if task.state == 'ready' then
		queues.leave(task)
	elseif task.state == 'delayed' then
		redis.call('ZREM', key('tasks:delayed'), task.id)
	elseif task.state == 'blocked' and task.asks ~= '' then
		redis.call('ZREM', key('tasks:asking'), task.id)
	elseif task.state == 'leased' then
		redis.call('ZREM', key('leases'), task.id)
		local lock = key('locks:task:' .. task.id)
		local holder = softly('GET', lock)
		if holder == task.owner .. ' ' .. task.token then
			redis.call('DEL', lock)
		elseif tasks.isOutside(task.token) then
			--- An outsider's lock has no token. It ends with its lease: the next stage must not wait for its expiry.
			if holder and not string.find(holder, ' ', 1, true) then
				redis.call('DEL', lock)
			end
			redis.call('HDEL', taskKey(task.id), 'status')
			redis.call('ZREM', key('tasks:outside'), task.id)
		end
		if redis.call('EXISTS', key('locks:held:' .. task.owner)) == 1 then
			local held = redis.call('HMGET', agentKey(task.owner), 'task', 'token')
			if held[2] ~= task.token or held[1] == task.id then
				locks.dropAll(task.owner, task.token)
			end
		end
		return agents.free(task.owner, task.id, task.token, event)
	end
	return nil
end

return {task = leave}
